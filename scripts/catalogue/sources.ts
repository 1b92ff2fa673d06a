/** Where the facts of a provider are, and which of them are models that its API serves. */
export interface Source {
  /** The provider's name in the catalogue. */
  readonly provider: string;
  /** Sections of the price list. */
  readonly prices: readonly string[];
  /** Sections of the list of models. */
  readonly models: readonly string[];
  /** What ids of the price list begin with before the API's own id. */
  readonly prefix?: string;
  /** Ids that are no models of this API: old names, regional price lines, live sessions, agents. */
  readonly without?: RegExp;
  /**
   * USD for each use of provider tools that the lists have no field for, at models that search the web.
   * Sources: OpenAI, pricing, "Built-in tools"; Anthropic, "Web fetch tool", usage and pricing.
   */
  readonly tools?: Readonly<Record<string, number>>;
  /** Modes that are taken of a section; absent: all that the gateway serves. */
  readonly only?: Readonly<Record<string, RegExp>>;
}

/** What the gateway has routes for. */
export const MODES: ReadonlySet<string> = new Set([
  ...['chat', 'responses', 'embedding', 'moderation'],
  ...['image_generation', 'audio_speech', 'audio_transcription'],
]);

/** Sessions over a socket, which the gateway does not serve. */
export const LIVE = /realtime|(^|-)live(-|$)|-live$|streaming/;

export const SOURCES: readonly Source[] = [
  {
    provider: 'openai',
    prices: ['openai'],
    models: ['openai'],
    without: /^ft:|\/|^gpt-daybreak/,
    tools: { file_search: 0.0025 },
  },
  { provider: 'anthropic', prices: ['anthropic'], models: ['anthropic'], tools: { web_fetch: 0 } },
  {
    provider: 'google',
    prices: ['gemini'],
    models: ['google'],
    prefix: 'gemini/',
    without: /^lyria|^learnlm|-exp-|^gemini-gemma|^gemma-3|^deep-research|^imagen/,
  },
  { provider: 'xai', prices: ['xai'], models: ['xai'], prefix: 'xai/', without: /beta|-gv2$|\// },
  {
    provider: 'deepseek',
    prices: ['deepseek'],
    models: ['deepseek'],
    prefix: 'deepseek/',
    without: /^deepseek-(coder|r1|v3)/,
  },
  { provider: 'mistral', prices: ['mistral'], models: ['mistral'], prefix: 'mistral/', without: /vibe-cli/ },
  { provider: 'groq', prices: ['groq'], models: ['groq'], prefix: 'groq/', without: /prompt-guard/ },
  {
    provider: 'azure',
    prices: ['azure'],
    models: ['azure'],
    prefix: 'azure/',
    // Before 4o only names are left that Azure has withdrawn; the price list gives them no date.
    without: /\/|^(ada|container|model-router|computer-use|gpt-3|gpt-4-|o1-mini|mistral-)/,
  },
  {
    provider: 'bedrock',
    prices: ['bedrock', 'bedrock_converse'],
    models: ['amazon-bedrock'],
    only: { bedrock: /^embedding$/ },
    without: /@|claude-3-|claude-opus-4-2025|twelvelabs|titan-embed-g1/,
  },
  {
    provider: 'vertex',
    prices: ['vertex_ai-language-models', 'vertex_ai-anthropic_models'],
    models: ['google-vertex', 'google-vertex-anthropic'],
    prefix: 'vertex_ai/',
    without: /@default|^medlm|experimental|claude-3-|^deep-research|gemini-2\.5-flash(-lite)?-preview-09/,
  },
];
