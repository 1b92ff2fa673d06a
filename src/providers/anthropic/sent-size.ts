import type { MediaRules } from '../media-size.js';
import { SentSizer, type Visitor } from '../sizer.js';
import { isObject, stringOf } from './api.js';

/** Models that see images in full resolution. Source: Anthropic docs, vision, image size. */
const FULL_RESOLUTION = /opus-4[-.][7-9]|(?:opus|sonnet|haiku|fable|mythos)-[5-9]/;
const KNOWN = /claude-(?:3|(?:opus|sonnet|haiku)-4)/;
const PIXELS_PER_TOKEN = 750;
const LONG_CONTEXT = 1_000_000;
const MOST_IMAGE_TOKENS = 1_640;
const MOST_FULL_IMAGE_TOKENS = 4_784;

function rulesOf(model: string): MediaRules {
  const full = FULL_RESOLUTION.test(model) || !KNOWN.test(model);
  const most = full ? MOST_FULL_IMAGE_TOKENS : MOST_IMAGE_TOKENS;
  return {
    image: (size) => (size ? Math.min(most, Math.ceil((size.width * size.height) / PIXELS_PER_TOKEN) + 10) : most),
    pdfPage: most,
    // The API reads neither sound nor video.
    audioSecond: 100,
    videoSecond: 1_000,
  };
}

/** Tools that Anthropic runs, and that put what they read into the context. Source: Anthropic docs, server tools. */
const SERVER_TOOL = /^(?:web_search|web_fetch|code_execution|tool_search|mcp_toolset|advisor)/;

/** Those that keep to a limit of their own. Source: Anthropic docs, web search and web fetch, `max_uses`. */
const TAKES_LIMIT = /^web_(?:search|fetch)/;

/** The most tokens with which Anthropic describes a tool of its own. Source: Anthropic docs, pricing, computer use tool. */
const DESCRIPTION_TOKENS = 1_300;

/**
 * The size of a `POST /v1/messages` body.
 *
 * @param body as it is sent.
 * @param betas names in the `anthropic-beta` header.
 */
export function messagesSize(
  body: Readonly<Record<string, unknown>>,
  model: string,
  betas: readonly string[] = [],
): SentSizer {
  const sizer = new SentSizer(rulesOf(model), visit);
  sizer.walk(body, '');
  for (const name of ['container', 'mcp_servers']) if (body[name] != null) sizer.remote(name);
  const tools = Array.isArray(body['tools']) ? body['tools'].filter(isObject) : [];
  for (const { type, max_uses: uses } of tools) {
    if (SERVER_TOOL.test(stringOf(type))) sizer.tool(TAKES_LIMIT.test(stringOf(type)) ? uses : undefined);
    if (typeof type === 'string' && type !== 'custom') sizer.textBytes += DESCRIPTION_TOKENS;
  }
  // A compaction reads the whole conversation once more. Source: Anthropic docs, compaction.
  const management = body['context_management'];
  const edits = isObject(management) ? management['edits'] : undefined;
  const listed: readonly unknown[] = Array.isArray(edits) ? edits : [edits];
  const compactions = listed.filter((edit) => isObject(edit) && !stringOf(edit['type']).startsWith('clear_'));
  if (body['compaction'] != null || compactions.length > 0) sizer.tool(Math.max(1, compactions.length));
  if (betas.some((beta) => beta.startsWith('context-1m'))) sizer.contextWindow = LONG_CONTEXT;
  return sizer;
}

const visit: Visitor = (object, sizer, path) => {
  const { source, type } = object;
  // Blocks have a type; what a tool is called with may have a member of this name, too.
  if (typeof type === 'string' && isObject(source) && NAMES_OTHERS.some((name) => source[name] != null))
    sizer.remote(`${path}.source`);
  if (type === 'container_upload') sizer.remote(`${path}.file_id`);
  if (type === 'base64' && typeof object['data'] === 'string' && typeof object['media_type'] === 'string') {
    sizer.inline(object['media_type'], object['data'], path);
    return DATA;
  }
  return NONE;
};

/** Members of a source, whatever type it says it has, that name what Anthropic fetches or keeps. */
const NAMES_OTHERS = ['url', 'file_id'];
const DATA = ['data'];
const NONE: readonly string[] = [];
