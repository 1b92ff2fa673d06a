import type { ParsedBody } from '../json/parsed-body.js';
import { BYTES_PER_VALUE } from '../json/shape.js';
import { loadedLate } from '../lib/loaded-late.js';
import { andThen, guarded, type MaybePromise } from '../lib/maybe-promise.js';
import type { Operation } from '../pipeline/operation.js';
import { readJson } from '../pipeline/parse.js';
import type { MeteredRoute, Route, RoutedRequest } from '../pipeline/route.js';
import { readChatCompletion } from './chat-completions.js';
import { geminiFormat, isGeminiClient } from './gemini/gemini-format.js';
import { anthropicFormat, isAnthropicClient } from './messages/anthropic-format.js';
import { refuseNamed } from './named-in-path.js';
import { openaiFormat } from './openai-format.js';

// Chat is loaded at the start; other routes with their first request.
const route = () => import('./other-routes.js');
const format = () => import('./other-formats.js');
const texts = () => import('./hooked-texts.js');

const chatTexts = async () => (await texts()).chatTexts;
const completionTexts = async () => (await texts()).completionTexts;
const mediaTexts = async () => (await texts()).mediaTexts;
const responsesTexts = async () => (await texts()).responsesTexts;
const messageTexts = async () => (await texts()).messageTexts;
const geminiTexts = async () => (await texts()).geminiTexts;

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
    read: json(loadedLate(async () => (await route()).readResponses)),
    texts: responsesTexts,
  },
  {
    method: 'POST',
    path: 'responses/compact',
    format: openaiFormat,
    read: json(loadedLate(async () => (await route()).readCompaction)),
    texts: responsesTexts,
  },
  {
    method: 'POST',
    path: 'embeddings',
    format: openaiFormat,
    read: json(loadedLate(async () => (await route()).readEmbeddings)),
    texts: mediaTexts,
  },
  {
    method: 'POST',
    path: 'completions',
    format: openaiFormat,
    read: json(loadedLate(async () => (await route()).readCompletion)),
    texts: completionTexts,
  },
  {
    method: 'POST',
    path: 'messages',
    format: anthropicFormat,
    read: json(loadedLate(async () => (await format()).readMessages)),
    texts: messageTexts,
  },
  {
    method: 'POST',
    path: 'messages/count_tokens',
    format: anthropicFormat,
    read: json(loadedLate(async () => (await format()).readCountTokens)),
    texts: messageTexts,
  },
  {
    method: 'POST',
    path: 'models/{model}:generateContent',
    format: geminiFormat,
    read: json(loadedLate(async () => (await format()).readGenerateContent)),
    texts: geminiTexts,
  },
  {
    method: 'POST',
    path: 'models/{model}:streamGenerateContent',
    format: geminiFormat,
    read: json(loadedLate(async () => (await format()).readStreamGenerateContent)),
    texts: geminiTexts,
  },
  {
    method: 'POST',
    path: 'models/{model}:countTokens',
    format: geminiFormat,
    read: json(loadedLate(async () => (await format()).readGeminiCount)),
    texts: geminiTexts,
  },
  {
    method: 'GET',
    path: 'models',
    format: geminiFormat,
    accepts: isGeminiClient,
    answer: loadedLate(async () => (await format()).listGeminiModels),
  },
  {
    method: 'GET',
    path: 'models/{id}',
    format: geminiFormat,
    accepts: isGeminiClient,
    answer: loadedLate(async () => (await format()).retrieveGeminiModel),
  },
  {
    method: 'GET',
    path: 'models',
    format: anthropicFormat,
    accepts: isAnthropicClient,
    answer: loadedLate(async () => (await format()).listAnthropicModels),
  },
  {
    method: 'GET',
    path: 'models/{id}',
    format: anthropicFormat,
    accepts: isAnthropicClient,
    answer: loadedLate(async () => (await format()).retrieveAnthropicModel),
  },
  { method: 'GET', path: 'key', format: openaiFormat, answer: loadedLate(async () => (await route()).describeKey) },
  {
    method: 'GET',
    path: 'usage',
    format: openaiFormat,
    answer: loadedLate(async () => (await route()).describeUsage),
  },
  {
    method: 'GET',
    path: 'requests/{id}',
    format: openaiFormat,
    answer: loadedLate(async () => (await route()).describeRequest),
  },
  {
    method: 'POST',
    path: 'images/generations',
    format: openaiFormat,
    read: json(loadedLate(async () => (await route()).readImageGeneration)),
    texts: mediaTexts,
  },
  {
    method: 'POST',
    path: 'images/edits',
    format: openaiFormat,
    read: loadedLate(async () => (await route()).readImageEdit),
    texts: mediaTexts,
  },
  {
    method: 'POST',
    path: 'audio/speech',
    format: openaiFormat,
    read: json(loadedLate(async () => (await route()).readSpeech)),
    texts: mediaTexts,
  },
  {
    method: 'POST',
    path: 'audio/transcriptions',
    format: openaiFormat,
    read: loadedLate(async () => (await route()).readTranscription),
    texts: mediaTexts,
  },
  {
    method: 'POST',
    path: 'audio/translations',
    format: openaiFormat,
    read: loadedLate(async () => (await route()).readTranslation),
    texts: mediaTexts,
  },
  {
    method: 'POST',
    path: 'moderations',
    format: openaiFormat,
    read: json(loadedLate(async () => (await route()).readModeration)),
    texts: mediaTexts,
  },
  { method: 'GET', path: 'models', format: openaiFormat, answer: loadedLate(async () => (await route()).listModels) },
  {
    method: 'GET',
    path: 'models/{id}',
    format: openaiFormat,
    answer: loadedLate(async () => (await route()).retrieveModel),
  },
];

/** What a key's `routes` may name: each path once. */
export const ROUTE_PATHS: readonly string[] = [...new Set(ROUTES.map(({ path }) => path))].filter(
  (path) => path !== '',
);

/** A body's values count in addition to its bytes where there are enough of them to matter. */
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
