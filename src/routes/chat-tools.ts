import { GatewayError } from '../lib/errors.js';
import type { ChatRequest, Tool } from '../openai-api/chat-request.js';
import { isObject } from '../openai-api/field-checks.js';
import type { ChatSource } from '../pipeline/operation.js';
import type { Attempt, ProviderAdapter } from '../providers/adapter.js';

/** A chat request as an adapter is sent it. */
export interface SentChat {
  readonly source: ChatSource;
  /** Paths of tools that were dropped: `tools[2]`. */
  readonly dropped: readonly string[];
}

/** What decides about the tools of a request at one target. */
export type ToolPolicy = Pick<Attempt, 'unsupported' | 'providerTools'>;

/**
 * A chat request without the tools that its provider would have to run and does not take here, or may not run for this
 * account: a list of tools is an offer, so an entry of it is left out.
 *
 * @throws {GatewayError} `unsupported_parameter` for the first of them under the policy `error`, and where `tool_choice`
 * forces one.
 */
export function withoutForeignTools(
  source: ChatSource,
  adapter: Pick<ProviderAdapter, 'takesTool'>,
  policy: ToolPolicy,
): SentChat {
  const { tools } = source.outline;
  if (!tools?.some(isForeign)) return { source, dropped: [] };
  const { unsupported, providerTools } = policy;
  const stays = (tool: Tool) => !isForeign(tool) || (providerTools === true && adapter.takesTool?.(tool) === true);
  const lost = tools.flatMap((tool, index) => (stays(tool) ? [] : [{ tool, path: `tools[${index}]` }]));
  const [first] = lost;
  if (first === undefined) return { source, dropped: [] };
  if (unsupported === 'error') throw refused(first.path, `The model does not support '${first.path}'.`);
  const kept = tools.map(stays);
  checkChoice(
    source.outline.tool_choice,
    lost.map(({ tool }) => tool),
    kept.includes(true),
  );
  return {
    source: new FewerTools(source, kept),
    dropped: unsupported === 'warn' ? lost.map(({ path }) => path) : [],
  };
}

/** True of a tool that is not the client's own. */
function isForeign({ type }: Tool): boolean {
  return type !== 'function' && type !== 'custom';
}

/** Dropping a tool that the choice forces would change the answer silently. */
function checkChoice(choice: unknown, lost: readonly Tool[], anyKept: boolean): void {
  const forced = isObject(choice) && lost.some((tool) => choice['type'] === tool.type || names(choice, tool));
  const mode = isObject(choice) ? (isObject(choice['allowed_tools']) ? choice['allowed_tools']['mode'] : '') : choice;
  if (!forced && (anyKept || (mode !== 'required' && mode !== 'any'))) return;
  throw refused('tool_choice', "'tool_choice' forces a tool that the model's provider would have to run.");
}

function names(choice: Readonly<Record<string, unknown>>, tool: Tool): boolean {
  const name: unknown = (tool as unknown as Readonly<Record<string, unknown>>)['name'];
  const chosen = isObject(choice['function']) ? choice['function']['name'] : choice['name'];
  return name !== undefined && chosen === name;
}

function refused(param: string, message: string): GatewayError {
  return new GatewayError('unsupported_parameter', { param, message });
}

/** Not the client's bytes: they name all of the tools. */
class FewerTools implements ChatSource {
  readonly bytes = undefined;
  readonly outline: ChatRequest;
  readonly #source: ChatSource;
  readonly #kept: readonly boolean[];

  constructor(source: ChatSource, kept: readonly boolean[]) {
    this.#source = source;
    this.#kept = kept;
    this.outline = this.#fewer(source.outline);
  }

  get request(): ChatRequest {
    return this.#fewer(this.#source.request);
  }

  #fewer({ tools, tool_choice: choice, parallel_tool_calls: parallel, ...request }: ChatRequest): ChatRequest {
    const kept = tools?.filter((_, index) => this.#kept[index]) ?? [];
    // OpenAI refuses both fields without a tool.
    if (kept.length === 0) return request;
    return {
      ...request,
      tools: kept,
      ...(choice !== undefined && { tool_choice: choice }),
      ...(parallel !== undefined && { parallel_tool_calls: parallel }),
    };
  }
}
