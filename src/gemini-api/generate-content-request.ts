import type { JsonObject } from '../lib/is-object.js';
import { isObject } from '../openai-api/field-checks.js';

/**
 * The body of `models/{model}:generateContent` after `parseGenerateContent`, names in camel case. Unknown fields are kept.
 *
 * Source: ai.google.dev, API reference, "Generating content".
 */
export interface GenerateContentRequest {
  contents: Content[];
  systemInstruction?: Content | string;
  tools?: JsonObject[];
  toolConfig?: { functionCallingConfig?: { mode?: string; allowedFunctionNames?: string[] }; [other: string]: unknown };
  generationConfig?: GenerationConfig;
  safetySettings?: unknown[];
  [extension: string]: unknown;
}

export interface Content {
  role?: string;
  parts?: Part[];
}

/** Exactly one of the data fields is set. */
export interface Part {
  text?: string;
  thought?: boolean;
  /** Opaque base64 that comes back with the same part. */
  thoughtSignature?: string;
  inlineData?: { mimeType?: string; data?: string };
  fileData?: { mimeType?: string; fileUri?: string };
  functionCall?: { id?: string; name?: string; args?: JsonObject };
  functionResponse?: { id?: string; name?: string; response?: JsonObject; parts?: Part[] };
  [other: string]: unknown;
}

export interface GenerationConfig {
  maxOutputTokens?: number;
  candidateCount?: number;
  temperature?: number;
  topP?: number;
  topK?: number;
  seed?: number;
  presencePenalty?: number;
  frequencyPenalty?: number;
  stopSequences?: string[];
  responseMimeType?: string;
  responseSchema?: JsonObject;
  responseJsonSchema?: unknown;
  responseLogprobs?: boolean;
  logprobs?: number;
  responseModalities?: string[];
  thinkingConfig?: { includeThoughts?: boolean; thinkingBudget?: number; thinkingLevel?: string };
  [other: string]: unknown;
}

/** A request as far as it is read. */
export interface GenerateContentBody {
  readonly value: GenerateContentRequest;
  /** The client's own bytes, where they have the names that `value` has. */
  readonly bytes: Uint8Array | undefined;
}

/** Fields whose contents belong to the client: their names are data. */
const OPAQUE: ReadonlySet<string> = new Set([
  'responseSchema',
  'responseJsonSchema',
  'parameters',
  'parametersJsonSchema',
  'response',
  'args',
  'labels',
]);

/** Lists for whose only entry the API also takes the entry itself. Source: the cookbook of Google's Gemini API, REST. */
const LISTS: ReadonlySet<string> = new Set(['contents', 'parts', 'tools', 'functionDeclarations', 'safetySettings']);

const SNAKE = /_([a-z])/g;

/**
 * Names in camel case, as the API also takes them in snake case, lists as lists, and without nulls, which say as much as no field;
 * the value itself where nothing has to change. Source: protobuf.dev, "ProtoJSON Format".
 */
export function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(camelCased);
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (!isObject(value)) return value;
  let changed = false;
  const entries = Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    if (inner === null) {
      changed = true;
      return [];
    }
    const name = key.replace(SNAKE, (_, letter: string) => letter.toUpperCase());
    const one = OPAQUE.has(name) ? inner : camelCased(inner);
    const own = LISTS.has(name) && isObject(one) ? [one] : one;
    changed ||= name !== key || own !== inner;
    return [[name, own]];
  });
  return changed ? Object.fromEntries(entries) : value;
}
