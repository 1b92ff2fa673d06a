/**
 * Facts about Gemini models, where they decide the translation of a request. One table, read top to bottom: the first
 * family whose pattern matches the upstream model id counts.
 */
export interface GeminiFamily {
  /** As the docs call them. */
  readonly models: string;
  readonly pattern: RegExp;
  readonly maxOutputTokens: number;
  /** How thinking is set: a level, a token budget, or not at all. */
  readonly thinking: 'none' | 'budget' | 'level';
  /** What turns thinking off, or as far down as it goes: a level or a budget in tokens. */
  readonly leastThinking?: 'MINIMAL' | 'LOW' | number;
  /** The levels of thinking that the model has; undefined: all four. */
  readonly levels?: readonly string[];
  /** `presencePenalty` and `frequencyPenalty` are accepted. */
  readonly penalties: boolean;
  /** JSON output and function declarations may stand in one request. */
  readonly jsonWithTools: boolean;
  /** `systemInstruction` is accepted; else its text goes before the first user text. */
  readonly systemInstruction: boolean;
}

const GEMINI_3 = {
  maxOutputTokens: 65_536,
  thinking: 'level',
  leastThinking: 'MINIMAL',
  penalties: false,
  jsonWithTools: true,
  systemInstruction: true,
} as const;

const GEMINI_2_5 = {
  maxOutputTokens: 65_536,
  thinking: 'budget',
  leastThinking: 0,
  penalties: false,
  jsonWithTools: false,
  systemInstruction: true,
} as const;

const OLDER = {
  maxOutputTokens: 8_192,
  thinking: 'none',
  penalties: true,
  jsonWithTools: false,
  systemInstruction: true,
} as const;

/**
 * Sources: ai.google.dev, pages "Thinking" and "Models". Penalties: models from 2.5 on refuse them with "Penalty is not
 * enabled for this model" (google-gemini/cookbook, issue 1290).
 */
export const GEMINI_FAMILIES: readonly [GeminiFamily, ...GeminiFamily[]] = [
  { models: 'Gemma 1 to 3', pattern: /^gemma-[1-3]/, ...OLDER, penalties: false, systemInstruction: false },
  {
    models: 'newer Gemma',
    pattern: /^gemma/,
    ...OLDER,
    penalties: false,
    systemInstruction: false,
    maxOutputTokens: 32_768,
  },
  { models: 'Gemini 1 and 2.0', pattern: /^gemini-[12]\.0|^gemini-1\.5|^gemini-pro(-vision)?$|^gemini-exp/, ...OLDER },
  {
    models: 'Gemini 2.5, pictures and speech',
    pattern: /^gemini-2\.5-.*(image|tts)/,
    ...GEMINI_2_5,
    thinking: 'none',
    maxOutputTokens: 32_768,
  },
  { models: 'Gemini 2.5 Pro', pattern: /^gemini-2\.5-pro/, ...GEMINI_2_5, leastThinking: 128 },
  { models: 'Gemini 2.5', pattern: /^gemini-2\.5/, ...GEMINI_2_5 },
  { models: 'Gemini 3 Pro', pattern: /^gemini-3-pro/, ...GEMINI_3, leastThinking: 'LOW', levels: ['LOW', 'HIGH'] },
  // Newer than this table: like the newest of its kind.
  {
    models: 'newer Pro, Gemini 3.7 Flash',
    pattern: /^gemini-\d+(\.\d+)?-pro|^gemini-3\.7-flash|^gemini-pro-latest/,
    ...GEMINI_3,
    leastThinking: 'LOW',
  },
  { models: 'Gemini 3 and newer', pattern: /^gemini-/, ...GEMINI_3 },
  { models: 'others', pattern: /(?:)/, ...OLDER, maxOutputTokens: Number.MAX_SAFE_INTEGER },
];

/**
 * The family of a Gemini model id, with or without the path before it (`models/`, `publishers/google/models/`); ids of no
 * known family get the last row.
 */
export function geminiFamily(model: string): GeminiFamily {
  const id = model.replace(/^(?:.*\/)?models\//, '');
  return GEMINI_FAMILIES.find((family) => family.pattern.test(id)) ?? GEMINI_FAMILIES[0];
}
