import { isForeignSignature } from '../../../gemini-api/carried-signature.js';
import type {
  Content,
  GenerateContentBody,
  GenerateContentRequest,
  Part,
} from '../../../gemini-api/generate-content-request.js';
import { editMembers } from '../../../json/edit-members.js';
import { GatewayError } from '../../../lib/errors.js';
import type { JsonObject } from '../../../lib/is-object.js';
import { isObject } from '../../../openai-api/field-checks.js';
import type { RouteCall } from '../../adapter.js';
import type { NativeRequest, SentRequest } from '../../http/http-provider.js';
import { jsonBody } from '../../http/large-json.js';
import { UnsupportedParams } from '../../unsupported-params.js';
import { ALLOWED } from '../allowed-fields.js';
import { geminiFamily } from '../families.js';
import { STAND_IN_SIGNATURE } from '../thought-signature.js';
import { modelPath } from '../to-request.js';
import { pairedContents } from './paired-contents.js';

/** Fields that are passed on; others may cost more, or name what all accounts of the provider's account share. */
const KNOWN: ReadonlySet<string> = new Set([
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'safetySettings',
  'generationConfig',
]);
const KNOWN_CONFIG: ReadonlySet<string> = new Set(
  Object.keys(ALLOWED['generationConfig'] as object).concat('responseModalities'),
);

/**
 * A `generateContent` request for Google: the client's own bytes, with only those top-level fields rewritten that must
 * differ.
 *
 * @throws {GatewayError} for what only the provider's own account may name.
 */
export function relayedRequest(call: RouteCall<GenerateContentBody>, stream: boolean): SentRequest {
  const unsupported = new UnsupportedParams(call.unsupported);
  const edits = editsOf(call, unsupported);
  return {
    path: `/v1beta/${modelPath(call.model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: edited(call, edits),
    ...(unsupported.names.length > 0 && { dropped: unsupported.names }),
  };
}

/** The same for counting tokens. Source: ai.google.dev, API reference, `models.countTokens`. */
export function relayedCount(call: RouteCall<GenerateContentBody>): NativeRequest {
  const request = sentRequest(call);
  const generateContentRequest = { model: modelPath(call.model), ...request };
  return { path: `/v1beta/${modelPath(call.model)}:countTokens`, body: JSON.stringify({ generateContentRequest }) };
}

/** What is sent, as a value. */
export function sentRequest(call: RouteCall<GenerateContentBody>): JsonObject {
  return applied(call.request.value, editsOf(call, new UnsupportedParams('drop')));
}

type Edits = Map<string, string | undefined>;

function editsOf(call: RouteCall<GenerateContentBody>, unsupported: UnsupportedParams): Edits {
  const { value } = call.request;
  const edits: Edits = new Map();
  if (value['cachedContent'] != null) throw shared('cachedContent');
  for (const name in value) {
    if (KNOWN.has(name)) continue;
    edits.set(name, undefined);
    if (name !== 'model') unsupported.drop(name.replace(/[^\w.-]/g, '_').slice(0, 64));
  }
  const config = generationConfig(call, unsupported);
  if (config !== value.generationConfig) edits.set('generationConfig', JSON.stringify(config));
  value.contents.forEach(({ parts }, index) => {
    refuseShared(parts, `contents[${index}].parts`);
  });
  const { systemInstruction: system } = value;
  if (typeof system === 'object') refuseShared(system.parts, 'systemInstruction.parts');
  const contents = ownContents(pairedContents(value.contents, unsupported), call.model);
  if (contents !== value.contents) edits.set('contents', JSON.stringify(contents));
  if (value.tools && !call.providerTools) tools(value.tools, unsupported, edits);
  return edits;
}

function edited(call: RouteCall<GenerateContentBody>, edits: Edits): SentRequest['body'] {
  const { bytes, value } = call.request;
  return (bytes && editMembers(bytes, edits)) ?? jsonBody(call, applied(value, edits));
}

function applied(value: GenerateContentRequest, edits: Edits): JsonObject {
  const copy: JsonObject = { ...value };
  for (const [name, text] of edits) {
    if (text === undefined) delete copy[name];
    else copy[name] = JSON.parse(text);
  }
  return copy;
}

/** With the limit that is held, at most what the model can write, and without fields that cost more. */
function generationConfig(
  { request, model, maxOutputTokens, modelOutputLimit }: RouteCall<GenerateContentBody>,
  unsupported: UnsupportedParams,
): GenerateContentRequest['generationConfig'] {
  const asked = request.value.generationConfig;
  const kept: JsonObject = { ...asked };
  let changed = false;
  for (const name in asked) {
    if (KNOWN_CONFIG.has(name)) continue;
    delete kept[name];
    changed = true;
    unsupported.drop(`generationConfig.${name.replace(/[^\w.-]/g, '_').slice(0, 64)}`);
  }
  if (asked?.responseModalities?.some((kind) => kind.toUpperCase() === 'AUDIO')) {
    const param = 'generationConfig.responseModalities';
    throw new GatewayError('unsupported_value', { param, message: `'${param}': sound is not available here.` });
  }
  if (maxOutputTokens !== undefined) {
    const limit = Math.min(maxOutputTokens, modelOutputLimit ?? geminiFamily(model).maxOutputTokens);
    if (limit !== asked?.maxOutputTokens) {
      if (asked?.maxOutputTokens !== undefined) unsupported.drop('generationConfig.maxOutputTokens');
      kept['maxOutputTokens'] = limit;
      changed = true;
    }
  }
  return changed ? kept : asked;
}

/**
 * Contents without the signatures of other providers' models. Gemini 3 refuses a turn whose first call lacks one, as those of
 * other models and of clients that lose it.
 */
function ownContents(contents: Content[], model: string): Content[] {
  const needsSignature = geminiFamily(model).thinking === 'level';
  const isForeign = ({ thoughtSignature: signature }: Part) => signature !== undefined && isForeignSignature(signature);
  const isUnsigned = ({ role, parts = [] }: Content) =>
    needsSignature &&
    role === 'model' &&
    firstCall(parts)?.thoughtSignature === undefined &&
    firstCall(parts) !== undefined;
  const isChanged = (content: Content) => content.parts?.some(isForeign) === true || isUnsigned(content);
  if (!contents.some(isChanged)) return contents;
  return contents.map((content) => {
    if (!content.parts || !isChanged(content)) return content;
    const unsigned = isUnsigned(content) ? firstCall(content.parts) : undefined;
    const parts = content.parts.flatMap((part): Part[] => {
      if (part === unsigned) return [{ ...part, thoughtSignature: STAND_IN_SIGNATURE }];
      if (!isForeign(part)) return [part];
      const { thoughtSignature: _, ...rest } = part;
      if (part.functionCall && needsSignature) return [{ ...rest, thoughtSignature: STAND_IN_SIGNATURE }];
      return part.thought === true || part.text === '' ? [] : [rest];
    });
    return { ...content, parts: parts.length > 0 ? parts : [{ text: '' }] };
  });
}

function firstCall(parts: readonly Part[]): Part | undefined {
  return parts.find(({ functionCall }) => functionCall !== undefined);
}

/** Leaves out the tools that Google runs. */
function tools(all: readonly JsonObject[], unsupported: UnsupportedParams, edits: Edits): void {
  const kept = all.flatMap((tool, index): JsonObject[] => {
    const { functionDeclarations: declared } = tool;
    if (Object.keys(tool).every((name) => name === 'functionDeclarations')) return [tool];
    unsupported.drop(`tools[${index}]`);
    return Array.isArray(declared) && declared.length > 0 ? [{ functionDeclarations: declared }] : [];
  });
  if (kept.length === all.length && kept.every((tool, index) => tool === all[index])) return;
  edits.set('tools', kept.length > 0 ? JSON.stringify(kept) : undefined);
  if (!kept.some(isObject)) edits.set('toolConfig', undefined);
}

/** @throws {GatewayError} for a file of the provider's account, also in the result of a call. */
function refuseShared(parts: readonly Part[] | undefined, path: string): void {
  parts?.forEach(({ fileData, functionResponse }, index) => {
    if (isShared(fileData?.fileUri)) throw shared(`${path}[${index}].fileData.fileUri`);
    refuseShared(functionResponse?.parts, `${path}[${index}].functionResponse.parts`);
  });
}

/** Files of the provider's account, which all accounts here share: by their names, or in its buckets. */
function isShared(uri: string | undefined): boolean {
  if (uri === undefined) return false;
  const name = uri.trim();
  return /\/files\/[\w-]+$/.test(name) || FILES_API.test(name) || !/^https?:\/\//i.test(name);
}

const FILES_API = /^https?:\/\/[\w.-]*generativelanguage[\w.-]*\//i;

function shared(param: string): GatewayError {
  const message = `'${param}' is not supported: files and caches of the provider's account belong to all who use it.`;
  return new GatewayError('unsupported_parameter', { message, param });
}
