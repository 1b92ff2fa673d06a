import { type Counter, tokensOfFile } from './labeled-files.js';

/** The context window of every model here: what a provider reads of what it fetches. */
const WINDOW = 1_000_000;
/** What a model writes that was given no limit. */
const ENDLESS = 40_000;
/** Tokens with which Anthropic explains tools, and each of its own. */
const [SYSTEM_PROMPT, DESCRIPTION] = [346, 735];

/** Fields whose insides are the client's own JSON, which only the model reads. */
const FREE = new Set(
  [
    'parameters',
    'schema',
    'input_schema',
    'json_schema',
    'responseSchema',
    'responseJsonSchema',
    'parametersJsonSchema',
  ].concat([
    'labels',
    'metadata',
    'logit_bias',
    'functionDeclarations',
    'input',
    'inputSchema',
    'args',
    'response_format',
    'format',
  ]),
);
const ANY_LIMIT = new Set([
  'max_tokens',
  'max_completion_tokens',
  'max_output_tokens',
  'maxOutputTokens',
  'num_predict',
  'max_new_tokens',
  'maxTokens',
]);
const ANY_CHOICES = new Set(['n', 'best_of', 'candidateCount', 'num_return_sequences']);
const RUN_TOOLS = /^(?:web_|code_|mcp|file_search|image_generation|advisor|tool_search|computer_use)/;
const RUN_TOOL_NAMES =
  /^(?:googleSearch|googleSearchRetrieval|urlContext|codeExecution|googleMaps|fileSearch|google_search|url_context)$/;
/** Fields that make a request cost what nobody has held money for, by who obeys them. */
const COSTLY: Readonly<Record<Dialect, RegExp>> = {
  openai: /^web_search_options$/,
  responses: /^(?:previous_response_id|conversation|background)$/,
  anthropic: /^(?:container|mcp_servers|fallbacks|speed|inference_geo)$/,
  google: /^(?:cachedContent|cached_content)$/,
  converse: /^(?:guardrailConfig|performanceConfig|promptVariables|serviceTier)$/,
  any: /^(?:container|mcp_servers|fallbacks|speed|api_base|base_url|plugins|models|route|user_config|web_search_options|prompt_embeds|extra_body|background|conversation)$/,
};
/** Fields that name something to fetch or look up. */
const FETCHED: Readonly<Record<Dialect, RegExp>> = {
  openai: /^(?:file_id|image_url|file_data)$/,
  responses: /^(?:file_id|file_url|image_url|file_data)$/,
  anthropic: /^(?:file_id|url)$/,
  google: /^(?:fileData|file_data|fileUri)$/,
  converse: /^s3Location$/,
  any: /^(?:file_id|file_url|image_url|video_url|audio_url|file_data|url)$/,
};
/** What only a server that takes everything would look for inside of what the model is given to read, tools included. */
const FOREIGN = new Set([
  ...[
    'messages',
    'contents',
    'tools',
    'plugins',
    'mcp_servers',
    'container',
    'fallbacks',
    'extra_body',
    'prompt',
    'provider_options',
  ],
]);
/** What the model is given to read: limits and options in it are words. */
const READ = new Set(['messages', 'contents', 'input', 'prompt', 'system', 'systemInstruction']);

/** What a picture in low detail counts. Source: OpenAI's guide to images and vision. */
const LOW_DETAIL: Partial<Record<Counter, number>> = { mini: 2_833, gpt: 85, o: 75 };
/** Where each looks for what it is told: a copy of an API anywhere, OpenAI and Anthropic refuse what they do not know. */
const OWN_PLACE: Readonly<Record<Dialect, (key: string, parent: string | undefined) => boolean>> = {
  openai: (key, parent) =>
    parent === undefined && /^(?:max_tokens|max_completion_tokens|n|service_tier|web_search_options)$/.test(key),
  responses: (key, parent) =>
    parent === undefined &&
    /^(?:max_output_tokens|service_tier|previous_response_id|conversation|background)$/.test(key),
  anthropic: (_, parent) => parent === undefined,
  google: (_, parent) => parent === undefined || parent === 'generationConfig',
  converse: () => true,
  any: () => true,
};

type Dialect = 'openai' | 'responses' | 'anthropic' | 'google' | 'converse' | 'any';

function dialectOf(counter: Counter, path: string): Dialect {
  if (counter === 'gemini') return 'google';
  if (counter === 'claude') return 'anthropic';
  if (path.startsWith('/model/')) return 'converse';
  if (path.endsWith('/responses')) return 'responses';
  return counter === 'any' ? 'any' : 'openai';
}

const STREAMS = /:stream(?:GenerateContent|RawPredict)|\/(?:converse-stream|invoke-with-response-stream)$/;

/** By whose rules media count. */
function counterOf(path: string, model: string): Counter {
  if (/\/messages$|:(?:stream)?rawPredict$|anthropic\.claude/i.test(path)) return 'claude';
  if (/\/v1beta\/|\/publishers\/google\//.test(path)) return 'gemini';
  // What is behind the name of a deployment can be any model of OpenAI.
  if (/4o-mini|house/.test(model)) return 'mini';
  if (/^o\d/.test(model)) return 'o';
  return /^gpt/.test(model) ? 'gpt' : 'any';
}

/** A native request as a provider reads it that does what it is told. */
export class Reading {
  readonly streams: boolean;
  readonly wantsUsage: boolean;
  readonly isEmbedding: boolean;
  objection: string | undefined;
  outputLimit = 0;
  choices = 1;
  /** Tokens of a prediction that the answer does not use. */
  predicted = 0;
  #compacts = false;
  #text = 0;
  #media = 0;
  #fetches = false;
  readonly #counter: Counter;
  readonly #dialect: Dialect;
  /** True within a picture that is wanted in low detail. */
  #isLow = false;

  constructor(path: string, fields: Readonly<Record<string, unknown>>) {
    this.#counter = counterOf(path, String(fields['model']));
    this.isEmbedding = /embed|titan/i.test(path);
    this.streams = fields['stream'] === true || STREAMS.test(path);
    const options = fields['stream_options'] as { include_usage?: boolean } | undefined;
    this.wantsUsage = options?.include_usage === true;
    this.#dialect = dialectOf(this.#counter, path);
    this.#walk(fields, false, undefined);
    this.#add(fields);
    if (this.outputLimit === 0) this.outputLimit = ENDLESS;
  }

  /** The most that the request can be billed as input. */
  get most(): number {
    const once = this.#fetches ? WINDOW : Math.min(WINDOW, Math.max(1, this.#text + this.#media));
    return this.#compacts ? 2 * once : once;
  }

  /** What the provider adds by itself. Source: Anthropic docs, tool use pricing, compaction; OpenAI's guide to predicted outputs. */
  #add({ tools, context_management: management, prediction }: Readonly<Record<string, unknown>>): void {
    const listed = Array.isArray(tools) ? (tools as readonly Readonly<Record<string, unknown>>[]) : [];
    if (listed.length > 0 && this.#dialect === 'anthropic') {
      this.#text += SYSTEM_PROMPT;
      for (const { type } of listed) if (typeof type === 'string' && type !== 'custom') this.#text += DESCRIPTION;
    }
    this.#compacts = this.#dialect === 'anthropic' && /"compact/.test(JSON.stringify(management ?? null));
    const mayPredict = this.#dialect === 'openai' || this.#dialect === 'any';
    if (mayPredict && prediction) this.predicted = JSON.stringify(prediction).length;
  }

  /** @param isRead true: what the model is given to read. @param parent the field that holds it; undefined: the request itself. */
  #walk(value: unknown, isRead: boolean, parent: string | undefined): void {
    if (typeof value === 'string') this.#string(value);
    else if (Array.isArray(value)) for (const item of value) this.#walk(item, isRead, parent ?? '');
    else if (typeof value === 'object' && value !== null) {
      this.#isLow = 'detail' in value && value.detail === 'low';
      for (const [key, inner] of Object.entries(value)) {
        if (parent === undefined && key === 'model') continue;
        const isDefinition = parent === 'tools' || parent === 'function';
        const isForeign = (isRead || isDefinition) && this.#dialect !== 'any' && FOREIGN.has(key);
        if (isForeign || (parent !== undefined && FREE.has(key))) {
          this.#text += Buffer.byteLength(JSON.stringify(inner) ?? '');
          continue;
        }
        this.#obey(key, inner, isRead, parent);
        this.#walk(inner, isRead || (parent === undefined && READ.has(key)), key);
      }
    }
  }

  #obey(key: string, value: unknown, isRead: boolean, parent: string | undefined): void {
    if (value === null || value === undefined || value === false) return;
    const isNested = parent !== undefined;
    if (isRead) {
      if (FETCHED[this.#dialect].test(key) && isRemote(value)) this.#fetches = true;
      return;
    }
    const isOwn = OWN_PLACE[this.#dialect](key, parent);
    if (isOwn && ANY_LIMIT.has(key) && typeof value === 'number') this.outputLimit = Math.max(this.outputLimit, value);
    if (isOwn && ANY_CHOICES.has(key) && typeof value === 'number') this.choices = Math.max(this.choices, value);
    if (isOwn && COSTLY[this.#dialect].test(key)) this.objection ??= `${key} was sent`;
    if (isOwn && key === 'service_tier' && /priority|performance/.test(String(value)))
      this.objection ??= 'a costly tier was sent';
    if (key === 'model' && isNested && !this.isEmbedding && this.#dialect !== 'openai')
      this.objection ??= 'a nested model was sent';
    if (key === 'type' && parent === 'tools' && typeof value === 'string' && RUN_TOOLS.test(value))
      this.objection ??= `${value} was sent`;
    if (RUN_TOOL_NAMES.test(key)) this.objection ??= `${key} was sent`;
  }

  #string(value: string): void {
    const file = tokensOfFile(value, this.#counter);
    if (file === undefined) this.#text += Buffer.byteLength(value);
    else this.#media += this.#isLow ? Math.min(file, LOW_DETAIL[this.#counter] ?? file) : file;
  }
}

/** True of an address or an id; false of data, and of what holds either. */
function isRemote(value: unknown): boolean {
  if (typeof value === 'string') return /^\s*(?:https?|gs|s3|file):|^file[-_]/i.test(value);
  return (
    typeof value === 'object' &&
    value !== null &&
    ('fileUri' in value || 'file_uri' in value || 'uri' in value || ('url' in value && isRemote(value.url)))
  );
}
