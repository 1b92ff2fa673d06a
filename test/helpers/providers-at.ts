import { anthropic, google, openai } from '../../src/index.js';

/** The three providers, all answered at one origin. */
export function providersAt(origin: string) {
  return {
    openai: openai({ apiKey: 'sk-x', baseURL: `${origin}/v1` }),
    anthropic: anthropic({ apiKey: 'sk-x', baseURL: origin }),
    google: google({ apiKey: 'sk-x', baseURL: origin }),
  };
}
