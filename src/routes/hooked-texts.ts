// Where the texts of requests and answers are, for hooks: loaded together with the first that ask for them.
export { geminiTexts } from './gemini/gemini-texts.js';
export { messageTexts } from './messages/message-texts.js';
export { chatTexts, completionTexts, mediaTexts } from './openai-texts.js';
export { responsesTexts } from './responses-texts.js';
