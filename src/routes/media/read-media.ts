import type { ParsedBody } from '../../json/parsed-body.js';
import { GatewayError } from '../../lib/errors.js';
import { missing } from '../../openai-api/field-checks.js';
import { parseImageEdit, parseImageGeneration } from '../../openai-api/media/images.js';
import type { MediaRequest } from '../../openai-api/media/media-request.js';
import { parseModeration } from '../../openai-api/media/moderation.js';
import { parseSpeech } from '../../openai-api/media/speech.js';
import { parseTranscription } from '../../openai-api/media/transcription.js';
import type { Operation } from '../../pipeline/operation.js';
import type { MeteredRoute } from '../../pipeline/route.js';
import { type Form, readForm } from '../../uploads/form.js';
import { mediaOperation } from './media-operation.js';

/** `POST /images/generations` */
export const readImageGeneration = (body: ParsedBody) => mediaOperation(parseImageGeneration(body.value));
/** `POST /audio/speech` */
export const readSpeech = (body: ParsedBody) => mediaOperation(parseSpeech(body.value));
/** `POST /moderations` */
export const readModeration = (body: ParsedBody) => mediaOperation(parseModeration(body.value));
/** `POST /images/edits` */
export const readImageEdit = form(parseImageEdit, 17);
/** `POST /audio/transcriptions` */
export const readTranscription = form((...parts) => parseTranscription('audio/transcriptions', ...parts), 1);
/** `POST /audio/translations` */
export const readTranslation = form((...parts) => parseTranscription('audio/translations', ...parts), 1);

type ParseForm = (
  fields: Readonly<Record<string, unknown>>,
  texts: readonly (readonly [string, string])[],
  files: Form['files'],
) => Promise<MediaRequest>;

/** Reads a form, then makes an operation of it; its files are deleted when the request is over. */
function form(parse: ParseForm, maxFiles: number): MeteredRoute['read'] {
  return async (asked): Promise<Operation> => {
    const { request, runtime } = asked;
    const { maxUploadBytes, maxBodyBytes } = runtime.settings;
    const limits = { maxBytes: maxUploadBytes, maxFieldBytes: maxBodyBytes, maxFiles };
    const read = await readForm(request, limits, (bytes) => asked.holdBytes?.(bytes));
    try {
      const texts = [...read.fields].flatMap(([name, values]) => values.map((value) => [name, value] as const));
      const fields = valuesOf(read.fields);
      if (fields['model'] === undefined || fields['model'] === '') throw missing('model');
      return await formOperation(parse, fields, texts, read);
    } catch (thrown) {
      await read.dispose();
      throw thrown;
    }
  };
}

/** @param texts of all fields in order, as they are sent on. */
async function formOperation(
  parse: ParseForm,
  fields: Readonly<Record<string, unknown>>,
  texts: readonly (readonly [string, string])[],
  form: Form,
): Promise<Operation> {
  const operation = mediaOperation(await parse(fields, texts, form.files), form.dispose);
  return {
    ...operation,
    form: {
      fields,
      withFields: (edited) => formOperation(parse, withoutUnset(edited), editedTexts(texts, fields, edited), form),
    },
  };
}

function withoutUnset(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));
}

/** What was not changed stays as the client wrote it, at its place. */
function editedTexts(
  texts: readonly (readonly [string, string])[],
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): (readonly [string, string])[] {
  const changed = Object.keys({ ...before, ...after }).filter((name) => before[name] !== after[name]);
  const kept = texts.filter(([name]) => !changed.includes(name));
  const added = Object.entries(withoutUnset(after)).filter(([name]) => changed.includes(name));
  return [...kept, ...added.map(([name, value]) => [name, String(value)] as const)];
}

const NUMBERS = new Set(['n', 'partial_images', 'temperature', 'output_compression']);
const BOOLEANS = new Set(['stream']);
/** Every reader takes the same number from this form: '10e-1' is 1 to some and 10 to others. */
const DECIMAL = /^-?\d+(?:\.\d+)?$/;

/** Forms have texts only: those that stand for numbers and booleans become such, to be checked as in JSON. */
function valuesOf(fields: Form['fields']): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, [value = '', ...more]] of fields) {
    if (name.endsWith('[]')) continue;
    if (more.length > 0)
      throw new GatewayError('invalid_value', { message: `The field '${name}' was sent more than once.`, param: name });
    if (NUMBERS.has(name)) values[name] = DECIMAL.test(value) ? Number(value) : Number.NaN;
    else if (BOOLEANS.has(name)) values[name] = value === 'true' ? true : value === 'false' ? false : value;
    else values[name] = value;
  }
  return values;
}
