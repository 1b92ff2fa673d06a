// The routes of OpenAI's API other than chat, loaded together with the first request for any of them.
export { describeKey, describeRequest, describeUsage } from './account.js';
export { withCustomTools } from './chat-custom-tools.js';
export { readCompletion } from './completions.js';
export { readEmbeddings } from './embeddings.js';
export {
  readImageEdit,
  readImageGeneration,
  readModeration,
  readSpeech,
  readTranscription,
  readTranslation,
} from './media/read-media.js';
export { listModels, retrieveModel } from './models.js';
export { readCompaction, readResponses } from './responses.js';
export { inResponsesTerms, responsesAsChat } from './responses-as-chat.js';
