import type { SentSize } from './sent-size.js';

/** What measures requests that are not all text. */
export type Sizing = typeof import('./sizes.js');

let sizing: Sizing | undefined;

/** The pipeline loads it before it measures the first request that is not all text: most apps never need it. */
export function setSizing(loaded: Sizing): void {
  sizing = loaded;
}

/** Pairs the calls and results of a chat request: see `answeredChat`. Undefined while it is not loaded. */
export function pairing(): Sizing['answeredChat'] | undefined {
  return sizing?.answeredChat;
}

/** What is not measured can be as large as the model's context window. */
const NOT_MEASURED: SentSize = { textBytes: 0, mediaTokens: 0, unknown: 'body', reads: 0, predictedTokens: 0 };

/** The size of a request in OpenAI's format: see `openai/sent-size.ts`. */
export function openaiSize(...request: Parameters<Sizing['openaiSize']>): SentSize {
  return sizing?.openaiSize(...request) ?? NOT_MEASURED;
}

/** The size of a request to Anthropic's Messages API: see `anthropic/sent-size.ts`. */
export function messagesSize(...request: Parameters<Sizing['messagesSize']>): SentSize {
  return sizing?.messagesSize(...request) ?? NOT_MEASURED;
}

/** The size of a request to Gemini's API: see `google/sent-size.ts`. */
export function contentSize(...request: Parameters<Sizing['contentSize']>): SentSize {
  return sizing?.contentSize(...request) ?? NOT_MEASURED;
}
