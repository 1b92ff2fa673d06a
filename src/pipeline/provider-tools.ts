import { GatewayError } from '../lib/errors.js';
import type { UnitCounts } from '../lib/usage.js';
import { isObject } from '../openai-api/field-checks.js';
import type { UnsupportedPolicy } from '../providers/adapter.js';

/** Which of the tools that providers run may run, and how often each. */
export interface ToolRules {
  /** By the name of the unit that prices it: `web_search`. */
  readonly allows: (unit: string) => boolean;
  /** Uses that are held for, and sent, where the client sets no limit. */
  readonly maxUses: number;
  readonly unsupported: UnsupportedPolicy;
}

/** A request without the tools that may not run. */
export interface PolicedTools {
  /** Undefined: nothing had to be changed. */
  readonly body: Record<string, unknown> | undefined;
  /** Paths of what was dropped: `tools[2]`. */
  readonly dropped: readonly string[];
  /** The most uses of each tool that stays; undefined when none does. */
  readonly uses: UnitCounts | undefined;
}

type Body = Readonly<Record<string, unknown>>;

/** Tools that run in the client's own code, without the date of their version. */
const CLIENT_TOOLS = new Set([
  ...['function', 'custom', 'namespace', 'tool_search', 'local_shell', 'shell', 'apply_patch', 'computer', 'bash'],
  ...['computer_use_preview', 'text_editor', 'memory', 'tool_search_tool_regex', 'tool_search_tool_bm25'],
]);

/** The units of provider tools whose own names differ; snake case, without the date of their version. */
const UNITS: Readonly<Record<string, string>> = {
  web_search_preview: 'web_search',
  google_search: 'web_search',
  google_search_retrieval: 'web_search',
  enterprise_web_search: 'web_search',
  web: 'web_search',
  browser_search: 'web_search',
  live_search: 'web_search',
  visit_website: 'web_fetch',
  url_context: 'web_fetch',
  code_interpreter: 'code_execution',
  google_maps: 'maps',
  image_generation: 'image',
  mcp_toolset: 'mcp',
  mcp_servers: 'mcp',
};

/** Members of an entry of a tool list, in snake case, that are not tools of a provider's, and those of Google's that are. */
const DECLARATIONS = new Set(['function_declarations', 'function', 'input_schema', 'cache_control', 'input_examples']);
const NATIVE_TOOLS = new Set([
  ...['google_search', 'google_search_retrieval', 'enterprise_web_search', 'url_context', 'code_execution'],
  ...['google_maps', 'file_search', 'computer_use', 'retrieval'],
]);

/** Containers of the price that code is run for: larger ones cost up to 64 times as much. Source: OpenAI's price list, "Containers". */
const SMALLEST: ReadonlySet<unknown> = new Set([undefined, null, '1g']);

/** Fields that ask for a provider's tool by themselves, and its unit. */
const ASKING_FIELDS: Readonly<Record<string, string>> = {
  web_search_options: 'web_search',
  search_parameters: 'web_search',
  search_options: 'web_search',
  enable_search: 'web_search',
  web_search: 'web_search',
  mcp_servers: 'mcp',
  data_sources: 'data_sources',
  // Billed by the text that it checks, which no report counts. Source: Amazon Bedrock pricing, guardrails.
  guardrailConfig: 'guardrail',
};

/**
 * Gemini makes several queries with one use of its search, and each is billed; no field limits them. Source: ai.google.dev, Gemini
 * API pricing, grounding with Google Search.
 */
const QUERIES_PER_USE = 4;
const GOOGLE_SEARCH = new Set(['google_search', 'google_search_retrieval', 'enterprise_web_search']);

/**
 * Leaves out the entries of tool lists that may not run, and refuses what asks for such a tool by itself. One rule for
 * every route: clients list tools by default, so a list entry does not ask for the tool; a field of its own or a forced
 * choice does.
 *
 * @throws {GatewayError} `unsupported_parameter` that names the field.
 */
export function policeTools(body: Body, route: string, rules: ToolRules): PolicedTools {
  refuseAsking(body, '', rules);
  const options = body['provider_options'];
  const native = isObject(options) ? nativeOptions(options, rules) : undefined;
  const found: Found = { dropped: [], uses: { ...native?.uses }, names: [] };
  const changed: Record<string, unknown> = { ...body };
  let edited = native?.options !== undefined;
  if (native?.options) changed['provider_options'] = native.options;
  // Nobody else reads the field.
  const maxCalls = route === 'responses' ? body['max_tool_calls'] : undefined;
  for (const list of ['tools', 'plugins']) {
    const asked = body[list];
    // Gemini's API takes the only entry of a list as the entry itself.
    const tools = isObject(asked) ? [asked] : asked;
    if (!Array.isArray(tools)) continue;
    const kept = keptTools(tools, list, maxCalls, rules, found);
    if (kept === tools) continue;
    edited = true;
    if (kept.length > 0) changed[list] = kept;
    else delete changed[list];
  }
  const input = keptInput(body, rules, found);
  if (input !== undefined) {
    edited = true;
    changed['input'] = input;
  }
  for (const [field, unit] of Object.entries(ASKING_FIELDS)) if (isAsked(body[field])) count(found, unit, 1);
  if (found.dropped.length > 0) checkChoice(body, found, changed);
  const runs = Object.keys(found.uses).length > 0;
  if (runs && route === 'responses' && body['max_tool_calls'] === undefined) {
    changed['max_tool_calls'] = rules.maxUses;
    edited = true;
  }
  return { body: edited ? changed : undefined, dropped: found.dropped, uses: runs ? found.uses : undefined };
}

interface Found {
  readonly dropped: string[];
  readonly uses: Record<string, number>;
  /** Names of the entries that were dropped, as a choice of tools would name them. */
  readonly names: string[];
}

function isAsked(value: unknown): boolean {
  return value != null && value !== false;
}

function refuseAsking(body: Body, prefix: string, rules: ToolRules): void {
  for (const [field, unit] of Object.entries(ASKING_FIELDS)) {
    if (isAsked(body[field]) && !rules.allows(unit)) throw refusal(`${prefix}${field}`, unit);
  }
  const { plugins } = body;
  if (isAsked(plugins) && !Array.isArray(plugins) && !rules.allows('plugins'))
    throw refusal(`${prefix}plugins`, 'plugins');
}

/**
 * Native options go to the provider as they are, so that a tool in them is asked for by itself.
 *
 * @returns the most uses of each tool at whichever provider gets the request, and the options with their limits where that
 * changes them.
 */
function nativeOptions(options: Body, rules: ToolRules): { uses: UnitCounts; options: Body | undefined } {
  const most: Record<string, number> = {};
  const changed: Record<string, unknown> = { ...options };
  let edited = false;
  for (const [provider, given] of Object.entries(options)) {
    if (!isObject(given)) continue;
    refuseAsking(given, `provider_options.${provider}.`, rules);
    const found: Found = { dropped: [], uses: {}, names: [] };
    for (const [field, unit] of Object.entries(ASKING_FIELDS)) if (isAsked(given[field])) count(found, unit, 1);
    const lists: Record<string, unknown> = {};
    for (const list of ['tools', 'plugins']) {
      const tools = given[list];
      if (!Array.isArray(tools)) continue;
      const strict = { ...rules, unsupported: 'error' } as const;
      const kept = keptTools(tools, `provider_options.${provider}.${list}`, undefined, strict, found);
      if (kept !== tools) lists[list] = kept;
    }
    if (Object.keys(lists).length > 0) {
      edited = true;
      changed[provider] = { ...given, ...lists };
    }
    for (const [unit, uses] of Object.entries(found.uses)) most[unit] = Math.max(most[unit] ?? 0, uses);
  }
  return { uses: most, options: edited ? changed : undefined };
}

function refusal(param: string, unit: string): GatewayError {
  const message = `'${param}' is not available: the plan does not include the provider's tool '${unit}'.`;
  return new GatewayError('unsupported_parameter', { param, message });
}

function keptTools(
  tools: readonly unknown[],
  list: string,
  maxCalls: unknown,
  rules: ToolRules,
  found: Found,
): readonly unknown[] {
  const kept = tools.flatMap((tool, index): unknown[] => {
    if (isObject(tool) && tool['type'] === 'namespace' && Array.isArray(tool['tools'])) {
      const inner = keptTools(tool['tools'], `${list}[${index}].tools`, maxCalls, rules, found);
      return [inner === tool['tools'] ? tool : { ...tool, tools: inner }];
    }
    const units = unitsOf(tool);
    if (units.length === 0) return [tool];
    const refused = units.find((unit) => !rules.allows(unit));
    if (refused !== undefined) {
      const path = `${list}[${index}]`;
      if (rules.unsupported === 'error') throw refusal(path, refused);
      found.dropped.push(path);
      if (isObject(tool)) found.names.push(...['name', 'type'].flatMap((name) => String(tool[name] ?? '')));
      return [];
    }
    for (const unit of units) count(found, unit, usesOf(tool, maxCalls, rules.maxUses) * queriesPerUse(tool));
    return [limited(tool, rules.maxUses)];
  });
  return kept.length === tools.length && kept.every((tool, index) => tool === tools[index]) ? tools : kept;
}

/** The input of a response whose items bring tools of their own; undefined: nothing had to be changed. */
function keptInput({ input, max_tool_calls: maxCalls }: Body, rules: ToolRules, found: Found): unknown[] | undefined {
  if (!Array.isArray(input)) return undefined;
  const kept = input.map((item: unknown, index) => {
    if (!isObject(item) || !Array.isArray(item['tools'])) return item;
    const tools = keptTools(item['tools'], `input[${index}].tools`, maxCalls, rules, found);
    return tools === item['tools'] ? item : { ...item, tools };
  });
  return kept.every((item, index) => item === input[index]) ? undefined : kept;
}

/** Tools of Anthropic's that keep to a limit of their own. Source: Anthropic docs, web search and web fetch, `max_uses`. */
const TAKES_LIMIT = /^web_(?:search|fetch)_\d{8}$/;

/** The gateway's own limit is sent where the client sets none. */
function limited(tool: unknown, maxUses: number): unknown {
  if (!isObject(tool) || !TAKES_LIMIT.test(String(tool['type']))) return tool;
  return tool['max_uses'] === undefined ? { ...tool, max_uses: maxUses } : tool;
}

function usesOf(tool: unknown, maxCalls: unknown, maxUses: number): number {
  const own = isObject(tool) && TAKES_LIMIT.test(String(tool['type'])) ? tool['max_uses'] : undefined;
  for (const limit of [own, maxCalls]) if (typeof limit === 'number' && limit >= 0) return Math.ceil(limit);
  return maxUses;
}

function queriesPerUse(tool: unknown): number {
  const names = isObject(tool) ? Object.keys(tool).map(snakeCase) : [];
  return names.some((name) => GOOGLE_SEARCH.has(name)) ? QUERIES_PER_USE : 1;
}

function count(found: Found, unit: string, uses: number): void {
  found.uses[unit] = (found.uses[unit] ?? 0) + uses;
}

/** The units of what a provider would run of one entry; empty for a tool of the client's. */
function unitsOf(tool: unknown): string[] {
  if (!isObject(tool)) return [];
  const type = tool['type'] ?? tool['id'];
  const members = Object.keys(tool)
    .filter((name) => tool[name] != null)
    .map(snakeCase);
  // Whatever type the entry names: a provider that knows such a member runs it.
  const native = members.filter((name) => NATIVE_TOOLS.has(name)).map((name) => UNITS[name] ?? name);
  if (native.length > 0) return native;
  // A tool of the client's in Anthropic's form needs no type.
  if (type === undefined && typeof tool['name'] === 'string') return members.includes('mcp_servers') ? ['mcp'] : [];
  if (typeof type === 'string') {
    const name = snakeCase(type)
      .replace(/^openrouter:/, '')
      .replace(/_\d{8}$/, '')
      .replace(/_preview_\d[\d_]*$/, '_preview');
    if (name === 'shell' && isObject(tool['environment']) && tool['environment']['type'] !== 'local')
      return ['code_execution'];
    if (name === 'code_interpreter' && isObject(tool['container']) && !SMALLEST.has(tool['container']['memory_limit']))
      return ['larger_container'];
    return CLIENT_TOOLS.has(name) ? [] : [UNITS[name] ?? name];
  }
  return members.filter((name) => !DECLARATIONS.has(name)).map((name) => UNITS[name] ?? name);
}

function snakeCase(name: string): string {
  return name.replace(/-/g, '_').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What a choice names, in the forms of all routes. */
function chosenNames({ name, type, function: chosen }: Readonly<Record<string, unknown>>): readonly unknown[] {
  return [name, type, isObject(chosen) ? chosen['name'] : undefined];
}

/** Dropping a tool that the choice forces would change the answer silently. */
function checkChoice(body: Body, { names }: Found, changed: Record<string, unknown>): void {
  const choice = body['tool_choice'];
  const allowed = isObject(choice) ? choice['allowed_tools'] : undefined;
  const type = isObject(allowed) ? allowed['mode'] : isObject(choice) ? choice['type'] : choice;
  const none = changed['tools'] === undefined;
  const forced = isObject(choice) && chosenNames(choice).some((name) => names.includes(String(name)));
  if (forced || (none && /^(?:required|any|tool)$/.test(String(type)))) {
    const message = "'tool_choice' forces a tool that the plan does not include.";
    throw new GatewayError('unsupported_parameter', { param: 'tool_choice', message });
  }
  if (none) delete changed['tool_choice'];
}
