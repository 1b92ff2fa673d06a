import { PARAMETERS as AI_SDK } from '../../src/ai-sdk/parameters.js';
import { CLAUDE_FAMILIES } from '../../src/providers/anthropic/families.js';
import { PARAMETERS as ANTHROPIC } from '../../src/providers/anthropic/parameters.js';
import { PARAMETERS as BEDROCK } from '../../src/providers/bedrock/parameters.js';
import { GEMINI_FAMILIES } from '../../src/providers/google/families.js';
import { PARAMETERS as GOOGLE } from '../../src/providers/google/parameters.js';
import { OPENAI_FAMILIES } from '../../src/providers/openai/families.js';
import type { CompatibleFacts } from '../../src/providers/openai-compatible/facts.js';
import { KNOWN_PROVIDERS } from '../../src/providers/openai-compatible/known-providers.js';
import * as clouds from './cloud-notes.js';
import { NOTES } from './notes.js';
import { RELAYED } from './relayed.js';

/** The pages with tables that are made from the tables of the translators, and how each of them is made. */
export const PAGES: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  'compatibility.md': {
    parameters: relayedParameters,
    'openai models': openaiModels,
    'named providers': namedProviders,
    'named fields': namedFields,
  },
  'compatibility/anthropic.md': {
    parameters: () => parameters('What Claude gets', ANTHROPIC, NOTES.anthropic),
    models: claudeModels,
  },
  'compatibility/google.md': {
    parameters: () => parameters('On Gemini', GOOGLE, NOTES.google),
    models: geminiModels,
  },
  'compatibility/azure.md': { parameters: azureParameters },
  'compatibility/vertex.md': { parameters: vertexParameters },
  'compatibility/bedrock.md': { parameters: () => parameters('What the model gets', BEDROCK, clouds.CONVERSE) },
  'compatibility/ai-sdk.md': { parameters: aiSdkParameters },
};

/** A page with its tables made anew. @throws when a table has no place in it. */
export function rendered(page: string, text: string): string {
  let written = text;
  for (const [name, table] of Object.entries(PAGES[page] ?? {})) {
    const begin = `<!-- table: ${name} -->\n`;
    const from = written.indexOf(begin);
    const to = written.indexOf('<!-- end -->', from);
    if (from < 0 || to < 0) throw new Error(`docs/${page} has no place for the table '${name}'`);
    written = `${written.slice(0, from + begin.length)}${table()}\n${written.slice(to)}`;
  }
  return written;
}

type Cell = string | number | boolean | undefined;

function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly Cell[]) =>
    `| ${cells.map(cell).join(' | ')} |`.replaceAll('|  |', '| |').replaceAll('|  |', '| |');
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

function cell(value: Cell): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'number' ? value.toLocaleString('en-US') : (value ?? '');
}

const codes = (names: Iterable<string>) => [...names].map((name) => `\`${name}\``).join(', ');

function relayedParameters(): string {
  const head = ['Parameter', '`openai()`', '`openaiCompatible()`', '`anthropic()`', '`google()`'];
  const rows = RELAYED.map(([name, openai, compatible]) => [
    `\`${name}\``,
    openai,
    compatible,
    ANTHROPIC[name] ?? 'dropped',
    GOOGLE[name] ?? 'dropped',
  ]);
  return table(head, [...rows, ['any other field', 'kept', 'dropped', 'dropped', 'dropped']]);
}

function azureParameters(): string {
  const rows = RELAYED.map(([name, openai]) => [`\`${name}\``, openai]);
  return table(['Parameter', '`azureOpenAI()`'], [...rows, ['any other field', 'kept']]);
}

/** Clouds have no tiers of Anthropic's. */
function vertexParameters(): string {
  const rows = RELAYED.map(([name]) => {
    const claude = name === 'service_tier' ? 'dropped' : (ANTHROPIC[name] ?? 'dropped');
    return [`\`${name}\``, GOOGLE[name] ?? 'dropped', claude];
  });
  return table(['Parameter', 'Gemini', 'Claude'], [...rows, ['any other field', 'dropped', 'dropped']]);
}

function aiSdkParameters(): string {
  const rows = RELAYED.map(([name]) => [`\`${name}\``, AI_SDK[name] ?? 'dropped', clouds.AI_SDK[name]]);
  return table(['Parameter', '', "The SDK's call options"], [...rows, ['any other field', 'dropped', '']]);
}

function parameters(
  head: string,
  outcomes: Readonly<Record<string, string>>,
  notes: Readonly<Record<string, string>>,
): string {
  const rows = Object.entries(notes).map(([name, note]) => [`\`${name}\``, outcomes[name] ?? 'dropped', note]);
  return table(['Parameter', '', head], rows);
}

const FUNCTIONS = {
  'any-effort': 'with any effort',
  'no-effort-asked': 'where no effort is asked for',
  'effort-none': 'with the effort `none`',
} as const;

/** Fields that are refused together. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  sampling: ['temperature', 'top_p', 'logprobs', 'top_logprobs'],
  penalties: ['frequency_penalty', 'presence_penalty', 'logit_bias', 'prediction'],
};

/** Fields by their groups and names. */
function grouped(names: readonly string[]): string {
  const whole = Object.entries(GROUPS).filter(([, members]) => members.every((name) => names.includes(name)));
  const inGroups = new Set(whole.flatMap(([, members]) => members));
  const others = codes(names.filter((name) => !inGroups.has(name)));
  return [...whole.map(([group]) => group), ...(others === '' ? [] : [others])].join(', ');
}

function openaiModels(): string {
  const head = [
    'Models',
    'Efforts',
    'Default',
    'Refused',
    'Refused while it reasons',
    'Verbosity',
    'Functions on chat',
  ];
  const rows = OPENAI_FAMILIES.map((family) => [
    family.models,
    family.efforts.length === 0 ? 'does not reason' : codes(family.efforts),
    family.efforts.length === 0 ? '' : family.defaultEffort,
    grouped([...family.refuses, ...(family.maxTokens ? [] : ['max_tokens'])]),
    grouped(family.refusesThinking),
    family.verbosity,
    FUNCTIONS[family.functions],
  ]);
  return table(head, rows);
}

function claudeModels(): string {
  const head = ['Models', 'Output limit', 'Thinking', 'Efforts', 'Sampling', 'JSON schema', 'Prefill', 'Forced tools'];
  const thinking = { none: 'no', budget: 'by budget', both: 'by effort or budget', adaptive: 'by effort' } as const;
  const sampling = { all: 'taken', exclusive: '`temperature` or `top_p`', none: 'refused' } as const;
  const rows = CLAUDE_FAMILIES.map((family) => [
    family.models,
    family.maxOutputTokens,
    `${thinking[family.thinking]}${family.alwaysThinks ? ', always' : ''}`,
    codes(family.efforts),
    sampling[family.sampling],
    family.structuredOutput,
    family.prefill,
    family.forcedTools,
  ]);
  return table(head, rows);
}

function geminiModels(): string {
  const head = ['Models', 'Thinking', 'As little as', 'Penalties', 'JSON beside functions', 'System instruction'];
  const thinking = { none: 'no', budget: 'by budget', level: 'by level' } as const;
  const rows = GEMINI_FAMILIES.map((family) => [
    family.models,
    thinking[family.thinking],
    family.thinking === 'none' ? '' : family.leastThinking,
    family.penalties,
    family.jsonWithTools,
    family.systemInstruction,
  ]);
  return table(head, rows);
}

function namedProviders(): string {
  const head = [
    ...['Function', 'Base URL', 'Output limit', 'Role of `developer`', 'Reasoning goes back as', '`stream_options`'],
    ...['JSON schema', 'Own tools on chat', 'Reported cost'],
  ];
  const streamOptions = { taken: 'yes', unneeded: 'no', refused: 'no' } as const;
  const rows = KNOWN_PROVIDERS.map((facts) => [
    `\`${facts.name}()\``,
    facts.baseURL ? `\`${facts.baseURL}\`` : 'yours',
    `\`${facts.limitField}\``,
    facts.developer ? '`developer`' : '`system`',
    `\`${facts.reasoning}\``,
    streamOptions[facts.streamOptions],
    facts.jsonSchema,
    facts.providerTools ? codes(facts.providerTools) || 'none' : 'as the plan allows',
    facts.reportedCost ? `\`usage.${facts.reportedCost.field}\`` : '',
  ]);
  return table(head, rows);
}

function namedFields(): string {
  const rows = KNOWN_PROVIDERS.map((facts) => [
    `\`${facts.name}()\``,
    facts.fields
      ? codes([...facts.fields].filter((name) => name !== 'model' && name !== 'messages'))
      : 'what clients may set',
    facts.messageFields ? codes(facts.messageFields.assistant) : "all but other providers' own",
    partsOf(facts),
  ]);
  return table(['Function', 'Fields', 'Fields of answers that come back', 'Parts of questions'], rows);
}

function partsOf({ parts }: CompatibleFacts): string {
  if (parts === undefined) return 'any';
  return parts.user ? codes(parts.user) : 'text alone';
}
