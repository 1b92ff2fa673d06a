import {
  aBoolean,
  anArray,
  anInteger,
  anObject,
  anyInteger,
  anyNumber,
  aString,
  type Check,
  checkFields,
  fieldChecks,
  isObject,
  objectWith,
  required,
  withoutNulls,
  word,
  wrongType,
  wrongValue,
} from '../openai-api/field-checks.js';
import { refuseOtherForm } from '../openai-api/other-form.js';
import { camelCased, type GenerateContentRequest } from './generate-content-request.js';

const MAX_CONTENTS = 100_000;
const text = aString();

const someText: Check = (value, path) => {
  text(value, path);
  if (value === '') throw wrongValue(path, 'it is empty');
};

const anyData: Check = (value, path) => {
  anObject(value, path);
  required(value, 'mimeType', someText, path);
  required(value, 'data', someText, path);
};

const fileFields = fieldChecks({ mimeType: text });

const anyFile: Check = (value, path) => {
  anObject(value, path);
  required(value, 'fileUri', someText, path);
  checkFields(value, fileFields, path);
};

const callFields = fieldChecks({ id: text, args: anObject });

const functionCall: Check = (value, path) => {
  anObject(value, path);
  required(value, 'name', someText, path);
  checkFields(value, callFields, path);
};

const partFields = fieldChecks({
  text,
  thought: aBoolean,
  thoughtSignature: text,
  inlineData: anyData,
  fileData: anyFile,
  functionCall,
  functionResponse: objectWith({
    id: text,
    name: text,
    response: anObject,
    // Results hold the same kinds of parts, but for calls and results.
    parts: anArray(0, MAX_CONTENTS, objectWith({ text, inlineData: anyData, fileData: anyFile })),
  }),
});

const parts = anArray(0, MAX_CONTENTS, (part, path) => {
  anObject(part, path);
  checkFields(part, partFields, path);
});

const content: Check = (value, path) => {
  anObject(value, path);
  refuseOtherForm('message', value, 'parts', path, 'gemini');
  if (value['parts'] != null) parts(value['parts'], `${path}.parts`);
  if (value['role'] != null) word(value['role'], `${path}.role`);
};

const generationConfig = objectWith({
  maxOutputTokens: anInteger(1, 100_000_000),
  candidateCount: anInteger(1, 128),
  temperature: anyNumber,
  topP: anyNumber,
  topK: anyNumber,
  seed: (value, path) => {
    if (!Number.isInteger(value)) throw wrongType(path, 'an integer');
  },
  presencePenalty: anyNumber,
  frequencyPenalty: anyNumber,
  stopSequences: anArray(0, 1_000, text),
  responseMimeType: text,
  responseSchema: anObject,
  responseLogprobs: aBoolean,
  logprobs: anyInteger,
  responseModalities: anArray(0, 8, text),
  thinkingConfig: objectWith({ includeThoughts: aBoolean, thinkingBudget: anyInteger, thinkingLevel: text }),
});

const declaration: Check = (value, path) => {
  anObject(value, path);
  required(value, 'name', aString(128), path);
  if (value['parameters'] != null) anObject(value['parameters'], `${path}.parameters`);
};

const declared = objectWith({ functionDeclarations: anArray(0, 1_024, declaration) });

/** Entries of other names are tools that Google runs. */
const tool: Check = (value, path) => {
  anObject(value, path);
  refuseOtherForm('tool', value, 'functionDeclarations', path, 'gemini');
  declared(value, path);
};

/** Source: ai.google.dev, API reference, `models.generateContent`. */
const fields = fieldChecks({
  contents: anArray(1, MAX_CONTENTS, content),
  systemInstruction: (value, path) => {
    if (typeof value !== 'string') content(value, path);
  },
  tools: anArray(0, 1_024, tool),
  toolConfig: objectWith({
    functionCallingConfig: objectWith({ mode: text, allowedFunctionNames: anArray(0, 1_024, text) }),
  }),
  safetySettings: anArray(0, 100, anObject),
  generationConfig,
});

/**
 * Checks the body of a request and gives it with names in camel case.
 *
 * @throws {GatewayError} whose `param` is the path of the first mistake.
 */
export function parseGenerateContent(value: unknown): GenerateContentRequest {
  const body = camelCased(value);
  if (!isObject(body)) throw wrongType('body', 'a JSON object');
  refuseOtherForm('body', body, 'contents', '', 'gemini');
  required(body, 'contents', () => {}, '');
  checkFields(body, fields, '');
  return withoutNulls(body) as unknown as GenerateContentRequest;
}
