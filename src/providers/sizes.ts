// What measures requests that are not all text, and the media in them. Others use it by way of `sizing.ts`.
export { messagesSize } from './anthropic/sent-size.js';
export { contentSize } from './google/sent-size.js';
export { openaiSize } from './openai/sent-size.js';
