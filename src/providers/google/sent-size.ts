import { isObject } from '../../openai-api/field-checks.js';
import { type MediaRules, SentSizer, type Visitor } from '../sent-size.js';

const TILE_TOKENS = 258;
const LARGEST_SIDE = 3_072;
/** The highest `mediaResolution` of an image. Source: ai.google.dev, "Media resolution". */
const MOST_BY_RESOLUTION = 2_240;

/**
 * An image up to 384 pixels is one tile; a larger one is cut into tiles of 256 to 768 pixels. Newer models count by
 * resolution instead.
 *
 * Sources: ai.google.dev, "Image understanding", on token calculation; "Media resolution"; "Tokens", on sound and video.
 */
const RULES: MediaRules = {
  image(size) {
    if (!size) return 16 * TILE_TOKENS;
    const scale = Math.min(1, LARGEST_SIDE / Math.max(size.width, size.height));
    const [width, height] = [size.width * scale, size.height * scale];
    const tile = Math.min(768, Math.max(256, Math.floor(Math.min(width, height) / 1.5)));
    const tiles = Math.ceil(width / tile) * Math.ceil(height / tile);
    return Math.max(MOST_BY_RESOLUTION, tiles * TILE_TOKENS);
  },
  pdfPage: 1_120,
  audioSecond: 33,
  videoSecond: 330,
};

/** Tools that Google runs, and that read on their own; in either spelling. */
const SERVER_TOOL =
  /^(?:google_?search(?:_?retrieval)?|url_?context|code_?execution|file_?search|google_?maps|retrieval|enterprise_?web_?search|mcp_?servers|computer_?use)$/i;

/** The size of a `generateContent` body, or of any other with `Content` in it. */
export function contentSize(body: Readonly<Record<string, unknown>>): SentSizer {
  const sizer = new SentSizer(RULES, visit);
  sizer.walk(body, '');
  for (const name of ['cachedContent', 'cached_content']) if (body[name] != null) sizer.remote(name);
  const tools = Array.isArray(body['tools']) ? body['tools'].filter(isObject) : [];
  for (const tool of tools) for (const name in tool) if (SERVER_TOOL.test(name)) sizer.tool(undefined);
  return sizer;
}

const visit: Visitor = (object, sizer, path) => {
  if (object['fileData'] != null || object['file_data'] != null) sizer.remote(`${path}.fileData`);
  const data = object['inlineData'] ?? object['inline_data'];
  if (!isObject(data) || typeof data['data'] !== 'string') return NONE;
  const type = data['mimeType'] ?? data['mime_type'];
  const metadata = object['videoMetadata'] ?? object['video_metadata'];
  const fps = isObject(metadata) && typeof metadata['fps'] === 'number' ? Math.max(1, metadata['fps']) : 1;
  sizer.inline(typeof type === 'string' ? type : '', data['data'], path, { factor: fps });
  return DATA;
};

const DATA = ['inlineData', 'inline_data'];
const NONE: readonly string[] = [];
