// The formats of Anthropic's and Google's clients, loaded together with the first request in one of them.
export { readGeminiCount } from './gemini/count-tokens.js';
export { listGeminiModels, retrieveGeminiModel } from './gemini/gemini-models.js';
export { readGenerateContent, readStreamGenerateContent } from './gemini/generate-content.js';
export { listAnthropicModels, retrieveAnthropicModel } from './messages/anthropic-models.js';
export { readCountTokens } from './messages/count-tokens.js';
export { readMessages } from './messages/messages.js';
