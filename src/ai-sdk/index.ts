export { fromAiSdk } from './from-ai-sdk.js';
