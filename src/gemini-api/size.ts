import { type BodySize, instructionTokens, type Media, sizeWithMedia } from '../openai-api/input-size.js';
import { isForeignSignature } from './carried-signature.js';
import type { Content, GenerateContentRequest, Part } from './generate-content-request.js';

/** The size of a Gemini request: media count by their kind, everything else by its bytes. */
export function geminiSize(bytes: number, { contents, tools }: GenerateContentRequest): BodySize {
  const media: Media[] = [];
  for (const { parts = [] } of contents) for (const part of parts) collect(part, media);
  return sizeWithMedia(bytes, media, instructionTokens(tools, contents.some(calls)));
}

function calls({ parts = [] }: Content): boolean {
  return parts.some(({ functionCall }) => functionCall !== undefined);
}

function collect({ inlineData, fileData, functionResponse }: Part, media: Media[]): void {
  const mimeType = inlineData?.mimeType ?? fileData?.mimeType ?? '';
  if (inlineData && !mimeType.startsWith('text/'))
    media.push({ kind: kindOf(mimeType), length: inlineData.data?.length ?? 0 });
  if (fileData) media.push({ kind: kindOf(mimeType), length: 0 });
  for (const part of functionResponse?.parts ?? []) collect(part, media);
}

function kindOf(mimeType: string): Media['kind'] {
  return mimeType.startsWith('image/') ? 'image_url' : 'file';
}

/** Fields of parts that hold text alone. */
const TEXT_FIELDS: ReadonlySet<string> = new Set(['text', 'thought', 'thoughtSignature']);

/**
 * True when all that a request makes a model read is text in it: the bytes of the body then bound its tokens. Calls and responses
 * are more: signatures are put to them, and stand-ins where one is not there.
 */
export function isPlainContents(request: GenerateContentRequest): boolean {
  const { contents, tools = [], cachedContent, systemInstruction: system } = request;
  if (cachedContent != null) return false;
  if (typeof system === 'object' && !isPlainContent(system)) return false;
  if (tools.some((tool) => Object.keys(tool).some((name) => name !== 'functionDeclarations'))) return false;
  return contents.every(isPlainContent);
}

function isPlainContent(content: Content): boolean {
  return Object.keys(content).every(isTextKey) && (content.parts ?? []).every(isPlain);
}

/** What a content has besides its role and its parts is read by whoever knows it. */
function isTextKey(name: string): boolean {
  return name === 'role' || name === 'parts';
}

function isPlain(part: Part): boolean {
  if (part.thoughtSignature !== undefined && isForeignSignature(part.thoughtSignature)) return false;
  return Object.keys(part).every((name) => TEXT_FIELDS.has(name));
}
