import { isObject } from '../../openai-api/field-checks.js';
import type { MediaRules } from '../media-size.js';
import { SentSizer, type Visitor } from '../sizer.js';

const TILE_TOKENS = 258;
/** Tiles of an image whose size is not known: of 3,072 pixels on each side. */
const UNKNOWN_TILES = 16;
/** The highest `mediaResolution` of an image. Source: ai.google.dev, "Media resolution". */
const MOST_BY_RESOLUTION = 2_240;

/**
 * An image up to 384 pixels is one tile; a larger one is cut into tiles of 256 to 768 pixels. Whether it is made smaller before
 * that is not published for every model, so the tiles of its full size are held. Newer models count by resolution instead.
 *
 * Sources: ai.google.dev, "Image understanding", on token calculation; "Media resolution"; "Tokens", on sound and video.
 */
const RULES: MediaRules = {
  image(size) {
    if (!size) return UNKNOWN_TILES * TILE_TOKENS;
    const { width, height } = size;
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
  const name = object['inlineData'] == null ? 'inline_data' : 'inlineData';
  const data = object[name];
  if (!isObject(data) || typeof data['data'] !== 'string') return NONE;
  const type = data['mimeType'] ?? data['mime_type'];
  const metadata = object['videoMetadata'] ?? object['video_metadata'];
  // Numbers may be written as texts. Source: ProtoJSON format, "double".
  const fps = Number((isObject(metadata) ? metadata['fps'] : undefined) ?? 1);
  if (Number.isFinite(fps))
    sizer.inline(typeof type === 'string' ? type : '', data['data'], path, { factor: Math.max(1, fps) });
  else sizer.remote(`${path}.videoMetadata.fps`);
  // Fields next to the data are read as well.
  sizer.walk({ ...data, data: '' }, `${path}.${name}`);
  return [name];
};

const NONE: readonly string[] = [];
