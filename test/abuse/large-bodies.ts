const MIB = 1024 * 1024;
const LARGEST = 20 * MIB - 4_096;

/** What is attached to a message: base64 as it stands in JSON. */
interface Attached {
  readonly type: string;
  readonly data: string;
}

/** What a user says: the JSON of a text or of parts that are texts, or files. */
type Said = string | readonly Attached[];

/** The request that says it on one of the inbound routes, by the name of a model. */
type Route = (said: Said) => { readonly path: string; readonly body: string };

const partsOf = (said: Said, text: (said: string) => string, file: (file: Attached) => string) =>
  typeof said === 'string' ? text(said) : `[${said.map(file).join(',')}]`;
const dataUrl = ({ type, data }: Attached) => `"data:${type};base64,${data}"`;
const isImage = ({ type }: Attached) => type.startsWith('image/');
const ENDINGS: Readonly<Record<string, string>> = { 'application/pdf': 'pdf', 'text/plain': 'txt' };

function chatPart(file: Attached): string {
  const { type, data } = file;
  if (isImage(file)) return `{"type":"image_url","image_url":{"url":${dataUrl(file)}}}`;
  if (type.startsWith('audio/'))
    return `{"type":"input_audio","input_audio":{"format":"${type.slice(6)}","data":"${data}"}}`;
  return `{"type":"file","file":{"filename":"a.${ENDINGS[type]}","file_data":${dataUrl(file)}}}`;
}

function responsesPart(file: Attached): string {
  if (isImage(file)) return `{"type":"input_image","image_url":${dataUrl(file)}}`;
  return `{"type":"input_file","filename":"a.${ENDINGS[file.type]}","file_data":${dataUrl(file)}}`;
}

function messagesPart({ type, data }: Attached): string {
  const source = `{"type":"base64","media_type":"${type}","data":"${data}"}`;
  return `{"type":"${type.startsWith('image/') ? 'image' : 'document'}","source":${source}}`;
}

function geminiPart({ type, data }: Attached): string {
  return `{"inlineData":{"mimeType":"${type}","data":"${data}"}}`;
}

const chat =
  (model: string): Route =>
  (said) => {
    const content = partsOf(said, (text) => text, chatPart);
    const body = `{"model":"${model}","max_tokens":16,"messages":[{"role":"user","content":${content}}]}`;
    return { path: 'chat/completions', body };
  };
const messages =
  (model: string): Route =>
  (said) => {
    const content = partsOf(said, (text) => text, messagesPart);
    const body = `{"model":"${model}","max_tokens":16,"messages":[{"role":"user","content":${content}}]}`;
    return { path: 'messages', body };
  };
const responses =
  (model: string): Route =>
  (said) => {
    const content = partsOf(said, (text) => text.replaceAll('"type":"text"', '"type":"input_text"'), responsesPart);
    const body = `{"model":"${model}","max_output_tokens":16,"input":[{"role":"user","content":${content}}]}`;
    return { path: 'responses', body };
  };
const gemini =
  (model: string): Route =>
  (said) => {
    const parts = partsOf(said, geminiTexts, geminiPart);
    const body = `{"generationConfig":{"maxOutputTokens":16},"contents":[{"role":"user","parts":${parts}}]}`;
    return { path: `models/${model}:generateContent`, body };
  };

function geminiTexts(text: string): string {
  return text.startsWith('[') ? text.replaceAll('"type":"text",', '') : `[{"text":${text}}]`;
}

/** Each inbound route, relayed and translated to each dialect. */
export const ROUTES: Readonly<Record<string, Route>> = {
  'chat at OpenAI': chat('gpt'),
  'chat at Anthropic': chat('claude'),
  'chat at Google': chat('gemini'),
  'messages at Anthropic': messages('claude'),
  'messages at OpenAI': messages('gpt'),
  'messages at Google': messages('gemini'),
  'responses at OpenAI': responses('gpt'),
  'responses at Anthropic': responses('claude'),
  'responses at Google': responses('gemini'),
  'generateContent at Google': gemini('gemini'),
  'generateContent at OpenAI': gemini('gpt'),
  'generateContent at Anthropic': gemini('claude'),
};

/** A route whose body holds one text. */
const oneText =
  (path: string, body: (text: string) => string): Route =>
  (said) => {
    if (typeof said !== 'string') throw new Error(`${path} takes no files`);
    return { path, body: body(said) };
  };

/** Routes that take one text, and where it stands. */
export const TEXT_ROUTES: Readonly<Record<string, Route>> = {
  'embeddings at OpenAI': oneText('embeddings', (text) => `{"model":"embedder","input":${text}}`),
  'embeddings at Google': oneText('embeddings', (text) => `{"model":"vectors","input":[${text}]}`),
  completions: oneText('completions', (text) => `{"model":"gpt","max_tokens":16,"prompt":${text}}`),
  'completions, as a suffix': oneText(
    'completions',
    (text) => `{"model":"gpt","max_tokens":16,"prompt":"x","suffix":${text}}`,
  ),
  moderations: oneText('moderations', (text) => `{"model":"gpt","input":${text}}`),
  'count_tokens at OpenAI': oneText(
    'messages/count_tokens',
    (text) => `{"model":"gpt","messages":[{"role":"user","content":${text}}]}`,
  ),
};

const FORM = 'form';
/** The type of the forms here. */
export const FORM_TYPE = `multipart/form-data; boundary=${FORM}`;

/** Forms with the largest file that is taken. */
export const UPLOADS: Readonly<Record<string, () => { readonly path: string; readonly body: Buffer }>> = {
  'a recording of many short frames': () => upload('audio/transcriptions', { model: 'whisper' }, 'file', MP3),
  'a recording without a frame': () => upload('audio/transcriptions', { model: 'whisper' }, 'file', 'ff'),
  'a picture': () => {
    const asked = { model: 'painter', prompt: 'x', n: '1', size: '1024x1024', quality: 'low' };
    return upload('images/edits', asked, 'image', PNG);
  },
};

const LARGEST_FILE = 60 * MIB;

/** @param unit what the file consists of, over and over, in hexadecimal digits. */
function upload(path: string, fields: Readonly<Record<string, string>>, name: string, unit: string) {
  const field = (head: string) => `--${FORM}\r\nContent-Disposition: form-data; name=${head}`;
  const texts = Object.entries(fields).map(([key, value]) => field(`"${key}"\r\n\r\n${value}\r\n`));
  const head = `${texts.join('')}${field(`"${name}"; filename="a"\r\nContent-Type: application/octet-stream\r\n\r\n`)}`;
  const file = Buffer.alloc(LARGEST_FILE);
  file.fill(Buffer.from(unit, 'hex'));
  return { path, body: Buffer.concat([Buffer.from(head), file, Buffer.from(`\r\n--${FORM}--\r\n`)]) };
}

const filled = (unit: string, bytes = LARGEST - 1_000) => unit.repeat(Math.floor(bytes / Buffer.byteLength(unit)));
const textPart = (letters: number) => `{"type":"text","text":"${'x'.repeat(letters)}"},`;

/** Files of one type, which fill a body together: how each begins, and what it goes on with, both in hexadecimal digits. */
function files(count: number, type: string, head: string, unit: string, { inLines = false } = {}): Attached[] {
  const each = Math.floor((LARGEST - 1_000) / count) - 150;
  const bytes = Math.floor((each * 3) / 4 / (inLines ? 78 / 76 : 1));
  const content = Buffer.alloc(bytes - (bytes % 3));
  content.fill(Buffer.from(unit, 'hex'));
  Buffer.from(head, 'hex').copy(content);
  const base64 = content.toString('base64');
  const data = inLines ? base64.replaceAll(/.{76}/g, '$&\\n') : base64;
  return Array.from({ length: count }, () => ({ type, data }));
}

const PNG = '89504e470d0a1a0a0000000d4948445200000010000000100806000000';
/** A JPEG whose head goes on and on: segments of notes. */
const [JPEG, NOTES] = ['ffd8', `fffe0100${'20'.repeat(254)}`];
const PDF = Buffer.from('%PDF-1.4\n').toString('hex');
const WORDS = Buffer.from('Some words. ').toString('hex');
/** An MP3 of 8 kbit/s, and one that is no frame at all. */
const [MP3, NO_FRAMES] = [`fff310c4${'00'.repeat(20)}`, '494433040000000000000011'];

/** What fills the largest body that is taken, for the routes that take it. */
export const KINDS: Readonly<Record<string, () => Said>> = {
  'plain text': () => `"${filled('word ')}"`,
  'text with escapes': () => `"${filled('A line of some code.\\n')}"`,
  'escapes alone': () => `"${filled('\\u65e5\\n')}"`,
  'text of many bytes a letter': () => `"${filled('日本語')}"`,
  'many parts': () => `[${textPart(2_300).repeat(8_500)}{"type":"text","text":"x"}]`,
  'small parts': () => `[${textPart(10).repeat(9_000)}{"type":"text","text":"${'x'.repeat(18 * MIB)}"}]`,
  'a picture': () => files(1, 'image/png', PNG, 'ab'),
  'a picture in lines': () => files(1, 'image/png', PNG, 'ab', { inLines: true }),
  '140 pictures': () => files(140, 'image/png', PNG, 'ab'),
  '140 pictures in lines': () => files(140, 'image/png', PNG, 'ab', { inLines: true }),
  '40 pictures with long heads': () => files(40, 'image/jpeg', JPEG, NOTES),
  'a PDF': () => files(1, 'application/pdf', PDF, WORDS),
  '140 PDFs in lines': () => files(140, 'application/pdf', PDF, WORDS, { inLines: true }),
  'a text file': () => files(1, 'text/plain', WORDS, WORDS),
  '140 text files in lines': () => files(140, 'text/plain', WORDS, WORDS, { inLines: true }),
  'a recording': () => files(1, 'audio/mp3', MP3, MP3),
  'a recording of no frames': () => files(1, 'audio/mp3', NO_FRAMES, 'ff'),
};

/** Kinds that are one text. */
export const TEXT_KINDS = ['plain text', 'text with escapes', 'escapes alone', 'text of many bytes a letter'] as const;

/** True where the route takes files of this kind: others are refused with a 400. */
export function takes(route: string, kind: string): boolean {
  return !kind.includes('recording') || /^(?:chat|generateContent) at (?:OpenAI|Google)$/.test(route);
}
