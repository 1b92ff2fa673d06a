import type { ProviderAdapter } from '../../src/providers/adapter.js';
import { anthropic } from '../../src/providers/anthropic/index.js';
import { google } from '../../src/providers/google/index.js';
import { openai } from '../../src/providers/openai/index.js';
import { openaiCompatible } from '../../src/providers/openai-compatible/index.js';
import type { RecordedProvider } from './recordings.js';

/** An adapter for each provider that has recordings; ids that have to be made up are the same each time. */
export const RECORDED_ADAPTERS: Readonly<Record<RecordedProvider, (baseURL: string) => ProviderAdapter>> = {
  openai: (baseURL) => openai({ apiKey: 'sk-upstream-secret', baseURL }),
  compatible: (baseURL) => openaiCompatible({ apiKey: 'upstream-secret', baseURL, random: () => 0.5 }),
  anthropic: (baseURL) => anthropic({ apiKey: 'sk-ant-upstream-secret', baseURL }),
  google: (baseURL) => google({ apiKey: 'AIza-upstream-secret', baseURL, randomId: () => '0123456789abcdef01234567' }),
};

/** What each provider is asked for; numbered, so that a failing answer cools down no other test's model. */
export const UPSTREAM_MODELS: Readonly<Record<RecordedProvider, string>> = {
  openai: 'gpt-4.1',
  compatible: 'llama-3.3-70b',
  anthropic: 'claude-sonnet-4-5',
  google: 'gemini-2.5-flash',
};
