import type { ParsedBody } from '../json/parsed-body.js';
import { BYTES_PER_VALUE } from '../json/shape.js';
import { loadedLate } from '../lib/loaded-late.js';
import { andThen, guarded, type MaybePromise } from '../lib/maybe-promise.js';
import type { Operation } from '../pipeline/operation.js';
import { readJson } from '../pipeline/parse.js';
import type { MeteredRoute, Route, RoutedRequest } from '../pipeline/route.js';
import { readChatCompletion } from './chat-completions.js';
import { geminiFormat, isGeminiClient } from './gemini/gemini-format.js';
import { listGeminiModels, retrieveGeminiModel } from './gemini/gemini-models.js';
import { anthropicFormat, isAnthropicClient } from './messages/anthropic-format.js';
import { listAnthropicModels, retrieveAnthropicModel } from './messages/anthropic-models.js';
import { listModels, retrieveModel } from './models.js';
import { refuseNamed } from './named-in-path.js';
import { openaiFormat } from './openai-format.js';

// What most apps ask for is there from the start; each of the other formats is loaded with the first request for it.
const account = () => import('./account.js');
const gemini = () => import('./gemini/generate-content.js');
const media = () => import('./media/read-media.js');
const responses = () => import('./responses.js');

const chatTexts = async () => (await import('./openai-texts.js')).chatTexts;
const completionTexts = async () => (await import('./openai-texts.js')).completionTexts;
const mediaTexts = async () => (await import('./openai-texts.js')).mediaTexts;
const responsesTexts = async () => (await import('./responses-texts.js')).responsesTexts;
const messageTexts = async () => (await import('./messages/message-texts.js')).messageTexts;
const geminiTexts = async () => (await import('./gemini/gemini-texts.js')).geminiTexts;

/**
 * Every route of the gateway. A row owns its dialect: how a request is read and answered, its stream frames, its errors
 * and its headers. A new inbound format is new files and new rows here.
 */
export const ROUTES: readonly Route[] = [
  // Claude Code asks for it before its first request.
  { method: 'HEAD', path: '', format: openaiFormat, open: true },
  { method: 'POST', path: 'chat/completions', format: openaiFormat, read: json(readChatCompletion), texts: chatTexts },
  {
    method: 'POST',
    path: 'responses',
    format: openaiFormat,
    read: json(loadedLate(async () => (await responses()).readResponses)),
    texts: responsesTexts,
  },
  {
    method: 'POST',
    path: 'responses/compact',
    format: openaiFormat,
    read: json(loadedLate(async () => (await responses()).readCompaction)),
    texts: responsesTexts,
  },
  {
    method: 'POST',
    path: 'embeddings',
    format: openaiFormat,
    read: json(loadedLate(async () => (await import('./embeddings.js')).readEmbeddings)),
    texts: mediaTexts,
  },
  {
    method: 'POST',
    path: 'completions',
    format: openaiFormat,
    read: json(loadedLate(async () => (await import('./completions.js')).readCompletion)),
    texts: completionTexts,
  },
  {
    method: 'POST',
    path: 'messages',
    format: anthropicFormat,
    read: json(loadedLate(async () => (await import('./messages/messages.js')).readMessages)),
    texts: messageTexts,
  },
  {
    method: 'POST',
    path: 'messages/count_tokens',
    format: anthropicFormat,
    read: json(loadedLate(async () => (await import('./messages/count-tokens.js')).readCountTokens)),
    texts: messageTexts,
  },
  {
    method: 'POST',
    path: 'models/{model}:generateContent',
    format: geminiFormat,
    read: json(loadedLate(async () => (await gemini()).readGenerateContent)),
    texts: geminiTexts,
  },
  {
    method: 'POST',
    path: 'models/{model}:streamGenerateContent',
    format: geminiFormat,
    read: json(loadedLate(async () => (await gemini()).readStreamGenerateContent)),
    texts: geminiTexts,
  },
  {
    method: 'POST',
    path: 'models/{model}:countTokens',
    format: geminiFormat,
    read: json(loadedLate(async () => (await import('./gemini/count-tokens.js')).readGeminiCount)),
    texts: geminiTexts,
  },
  { method: 'GET', path: 'models', format: geminiFormat, accepts: isGeminiClient, answer: listGeminiModels },
  { method: 'GET', path: 'models/{id}', format: geminiFormat, accepts: isGeminiClient, answer: retrieveGeminiModel },
  {
    method: 'GET',
    path: 'models',
    format: anthropicFormat,
    accepts: isAnthropicClient,
    answer: listAnthropicModels,
  },
  {
    method: 'GET',
    path: 'models/{id}',
    format: anthropicFormat,
    accepts: isAnthropicClient,
    answer: retrieveAnthropicModel,
  },
  { method: 'GET', path: 'key', format: openaiFormat, answer: loadedLate(async () => (await account()).describeKey) },
  {
    method: 'GET',
    path: 'usage',
    format: openaiFormat,
    answer: loadedLate(async () => (await account()).describeUsage),
  },
  {
    method: 'GET',
    path: 'requests/{id}',
    format: openaiFormat,
    answer: loadedLate(async () => (await account()).describeRequest),
  },
  {
    method: 'POST',
    path: 'images/generations',
    format: openaiFormat,
    read: json(loadedLate(async () => (await media()).readImageGeneration)),
    texts: mediaTexts,
  },
  {
    method: 'POST',
    path: 'images/edits',
    format: openaiFormat,
    read: loadedLate(async () => (await media()).readImageEdit),
    texts: mediaTexts,
  },
  {
    method: 'POST',
    path: 'audio/speech',
    format: openaiFormat,
    read: json(loadedLate(async () => (await media()).readSpeech)),
    texts: mediaTexts,
  },
  {
    method: 'POST',
    path: 'audio/transcriptions',
    format: openaiFormat,
    read: loadedLate(async () => (await media()).readTranscription),
    texts: mediaTexts,
  },
  {
    method: 'POST',
    path: 'audio/translations',
    format: openaiFormat,
    read: loadedLate(async () => (await media()).readTranslation),
    texts: mediaTexts,
  },
  {
    method: 'POST',
    path: 'moderations',
    format: openaiFormat,
    read: json(loadedLate(async () => (await media()).readModeration)),
    texts: mediaTexts,
  },
  { method: 'GET', path: 'models', format: openaiFormat, answer: listModels },
  { method: 'GET', path: 'models/{id}', format: openaiFormat, answer: retrieveModel },
];

/** What a key's `routes` may name: each path once. */
export const ROUTE_PATHS: readonly string[] = [...new Set(ROUTES.map(({ path }) => path))].filter(
  (path) => path !== '',
);

/** A body's values count beside its bytes where there are enough of them to matter. */
const FEW_VALUES = 1_000;

/** Reads a JSON body, then makes an operation of it. */
function json(read: (body: ParsedBody, asked: RoutedRequest) => MaybePromise<Operation>): MeteredRoute['read'] {
  return (asked) =>
    andThen(readJson(asked), (body) => {
      asked.noteBody?.(body);
      const refuse = (thrown: unknown) => refuseNamed(thrown, asked.request.path);
      return andThen(
        guarded(() => read(body, asked), refuse),
        (operation) => {
          if (body.values > FEW_VALUES) asked.holdBytes?.(body.values * BYTES_PER_VALUE);
          return operation;
        },
      );
    });
}
