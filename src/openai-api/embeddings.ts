import { GatewayError } from '../lib/errors.js';
import { decodeBase64, encodeBase64 } from '../media/base64.js';
import {
  anArray,
  anInteger,
  anObject,
  aString,
  bodyFields,
  type Check,
  checkFields,
  fieldChecks,
  oneOf,
  required,
  withoutNulls,
  wrongType,
} from './field-checks.js';

/**
 * The body of `POST /embeddings`, after `parseEmbeddings`.
 *
 * Source: the OpenAI API reference, `CreateEmbeddingRequest`.
 */
export interface EmbeddingsRequest {
  model: string;
  /** A text, texts, the tokens of a text, or those of several texts. */
  input: string | string[] | number[] | number[][];
  encoding_format?: 'float' | 'base64';
  dimensions?: number;
  user?: string;
  /** Extension: native fields of the named provider dialect. */
  provider_options?: Record<string, unknown>;
  [extension: string]: unknown;
}

/** The answer of `POST /embeddings`. Source: the OpenAI API reference, `CreateEmbeddingResponse`. */
export interface Embeddings {
  object: 'list';
  data: Embedding[];
  model: string;
  usage?: { prompt_tokens: number; total_tokens: number };
  [extension: string]: unknown;
}

export interface Embedding {
  object: 'embedding';
  index: number;
  /** Numbers, or base64 of little-endian 32-bit floats where the request asked for that. */
  embedding: number[] | string;
}

const MAX_INPUTS = 2_048;
/** Far above any model's own limit; it only bounds the work of checking. */
const MAX_TOKENS = 1_000_000;
const MAX_TOKEN_ID = 10_000_000;

const token = anInteger(0, MAX_TOKEN_ID);
const someText: Check = (value, path) => {
  aString()(value, path);
  if (value === '') throw emptyInput(path);
};

/** Checks `input`, or the `prompt` of a completion, in its four forms. */
export function textOrTokens(text: Check): Check {
  return (value, path) => {
    if (typeof value === 'string') return text(value, path);
    if (!Array.isArray(value)) throw wrongType(path, 'a string or an array of strings, tokens or token arrays');
    const [first] = value;
    if (typeof first === 'number') anArray(1, MAX_TOKENS, token)(value, path);
    else if (Array.isArray(first)) anArray(1, MAX_INPUTS, anArray(1, MAX_TOKENS, token))(value, path);
    else anArray(1, MAX_INPUTS, text)(value, path);
  };
}

const input = textOrTokens(someText);

const fields = fieldChecks({
  encoding_format: oneOf(['float', 'base64']),
  dimensions: anInteger(1, 1_000_000),
  user: aString(1_024),
  provider_options: anObject,
});

/** Checks the body of an embeddings request. @throws {GatewayError} that names the path of the first mistake. */
export function parseEmbeddings(value: unknown): EmbeddingsRequest {
  const body = bodyFields(value, ['input', 'embeddings']);
  required(body, 'input', input, '');
  checkFields(body, fields, '');
  return withoutNulls(body) as unknown as EmbeddingsRequest;
}

/** How many vectors a request asks for. */
export function inputCount({ input }: EmbeddingsRequest): number {
  return Array.isArray(input) && typeof input[0] !== 'number' ? input.length : 1;
}

/** Base64 of a vector as little-endian 32-bit floats, which is what both official clients decode. */
export function toBase64(vector: readonly number[]): string {
  const bytes = new DataView(new ArrayBuffer(vector.length * 4));
  vector.forEach((value, index) => {
    bytes.setFloat32(index * 4, value, true);
  });
  return encodeBase64(new Uint8Array(bytes.buffer));
}

/** The reverse of `toBase64`. @throws {RangeError} if the text is not that. */
export function fromBase64(text: string): number[] {
  const decoded = decodeBase64(text);
  if (decoded.length % 4 !== 0) throw new RangeError('not a list of 32-bit floats');
  return Array.from({ length: decoded.length / 4 }, (_, index) => decoded.readFloatLE(index * 4));
}

function emptyInput(path: string): GatewayError {
  return new GatewayError('invalid_value', { message: `Invalid '${path}': it is an empty string.`, param: path });
}
