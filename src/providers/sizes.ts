// What measures requests that are not all text, the media in them, and what is put into them before they are sent. Others use it by
// way of `sizing.ts`.
export { messagesSize } from './anthropic/sent-size.js';
export { contentSize } from './google/sent-size.js';
export { answeredChat } from './openai/answered-chat.js';
export { openaiSize } from './openai/sent-size.js';
