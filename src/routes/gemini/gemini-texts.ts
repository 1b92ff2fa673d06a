import { camelCased } from '../../gemini-api/generate-content-request.js';
import { type ChatFieldMove, fieldsOf, forcedFunction, functionsOf, withMovedFields } from '../../hooks/chat-fields.js';
import { type AnswerText, type Fields, plain, type RouteTexts } from '../../hooks/route-texts.js';
import type { ChatMessage } from '../../openai-api/chat-request.js';
import { isObject } from '../../openai-api/field-checks.js';
import { geminiFamily } from '../../providers/google/families.js';
import { toContents } from '../../providers/google/to-contents.js';
import { UnsupportedParams } from '../../providers/unsupported-params.js';

/** Source: ai.google.dev, API reference, "Generating content". */
const toGeminiField: ChatFieldMove = (name, value, body) => {
  const setting = GEMINI_SETTINGS[name];
  if (setting !== undefined) {
    const list = name === 'stop' && typeof value === 'string' ? [value] : value;
    return { generationConfig: { ...fieldsOf(body['generationConfig']), [setting]: list } };
  }
  switch (name) {
    case 'messages': {
      const unsupported = new UnsupportedParams('drop');
      const options = { family: geminiFamily(''), unsupported, recall: () => undefined };
      return { systemInstruction: undefined, ...toContents(value as ChatMessage[], options) };
    }
    case 'tools':
      return { tools: [{ functionDeclarations: functionsOf(value).map(toDeclaration) }] };
    case 'tool_choice': {
      const forced = forcedFunction(value);
      const mode = value === 'auto' || value === 'none' ? value.toUpperCase() : 'ANY';
      const functionCallingConfig = { mode, ...(forced !== undefined && { allowedFunctionNames: [forced] }) };
      return { toolConfig: { ...fieldsOf(body['toolConfig']), functionCallingConfig } };
    }
    case 'response_format': {
      const { schema } = fieldsOf(fieldsOf(value)['json_schema']);
      const format = {
        responseMimeType: 'application/json',
        ...(schema !== undefined && { responseJsonSchema: schema }),
      };
      const { responseSchema: _, ...config } = fieldsOf(body['generationConfig']);
      return { generationConfig: { ...config, ...format } };
    }
    case 'reasoning_effort': {
      const config = fieldsOf(body['generationConfig']);
      const { thinkingBudget: _, ...thinking } = fieldsOf(config['thinkingConfig']);
      const level = value === 'none' ? { thinkingBudget: 0 } : { thinkingLevel: value };
      return { generationConfig: { ...config, thinkingConfig: { ...thinking, ...level } } };
    }
    default:
      return { [name]: value };
  }
};

function toDeclaration({ name, description, parameters }: Fields): Fields {
  return {
    name,
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parametersJsonSchema: parameters }),
  };
}

const GEMINI_SETTINGS: Readonly<Record<string, string | undefined>> = {
  max_tokens: 'maxOutputTokens',
  max_completion_tokens: 'maxOutputTokens',
  temperature: 'temperature',
  top_p: 'topP',
  top_k: 'topK',
  stop: 'stopSequences',
  seed: 'seed',
  presence_penalty: 'presencePenalty',
  frequency_penalty: 'frequencyPenalty',
};

/** Source: ai.google.dev, API reference, `GenerateContentResponse`. */
function candidateTexts({ content }: Fields): AnswerText[] {
  const parts = isObject(content) && Array.isArray(content['parts']) ? content['parts'].filter(isObject) : [];
  return parts.flatMap(({ text, thought, functionCall: call }) =>
    isObject(call)
      ? plain('arguments', JSON.stringify(call['args'] ?? {}))
      : plain(thought === true ? 'reasoning' : 'text', text),
  );
}

const candidates = ({ candidates: list }: Fields): AnswerText[] =>
  Array.isArray(list) ? list.filter(isObject).flatMap(candidateTexts) : [];

/** Texts of requests and answers of Gemini's routes. */
export const geminiTexts: RouteTexts = {
  read: ['contents', 'systemInstruction', 'system_instruction'],
  describing: ['tools', 'generationConfig', 'generation_config', 'provider_options'],
  opaque: ['thoughtSignature', 'thought_signature', 'mimeType', 'mime_type', 'fileUri', 'file_uri'],
  // Gemini's API takes every name in snake case as well: a field must not stand there twice.
  withChatFields: (body, fields) => withMovedFields(fieldsOf(camelCased({ ...body })), fields, toGeminiField),
  answer: candidates,
  event: candidates,
};
