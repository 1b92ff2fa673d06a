import type { UpstreamError } from '../../upstream/upstream-error.js';
import { clientText } from '../client-text.js';
import type { NativeError } from '../http/http-provider.js';
import { statusError, type UpstreamReason } from '../upstream-status.js';
import { type Fields, isFields } from './fields.js';

/**
 * Reads an error answer, or an error event, of OpenAI or of an API that copies it.
 *
 * Source: the OpenAI API reference, "Error codes": `{"error":{"message","type","param","code"}}`. OpenRouter and Groq
 * send numeric codes, Mistral and others put the fields at the top level, some send `error` as a string.
 *
 * @param secrets values that must not reach a client, whatever the provider echoes.
 */
export function toError(answer: NativeError, secrets: readonly string[]): UpstreamError {
  const error = readError(answer.text);
  const inStream = answer.status === undefined;
  const status = answer.status ?? eventStatus(error);
  const reason = reasonOf(status, error);
  // Which model the operator asked for is not the client's business.
  const shown = reason === 'unknown_model' ? undefined : error.message;
  return statusError({
    status,
    inStream,
    headers: answer.headers,
    message: shown === undefined ? undefined : clientText(shown, secrets),
    publicCode: plainName(error.code, secrets),
    param: plainName(error.param, secrets),
    reason,
  });
}

/** A code or a path as a client may see it: anything else in its place could be a secret that the provider echoes. */
function plainName(name: string | undefined, secrets: readonly string[]): string | undefined {
  if (name === undefined || !/^[\w.[\]-]{1,100}$/.test(name)) return undefined;
  return clientText(name, secrets) === name ? name : undefined;
}

interface ErrorFields {
  readonly message?: string | undefined;
  readonly type?: string | undefined;
  readonly param?: string | undefined;
  readonly code?: string | undefined;
  readonly number?: number | undefined;
  /** Set by OpenRouter where content was refused. */
  readonly flagged?: boolean;
}

function readError(text: string): ErrorFields {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { message: plainReason(text) };
  }
  if (Array.isArray(body)) body = body[0];
  if (typeof body === 'string') return { message: plainReason(body) };
  const outer = record(body);
  if (outer === undefined) return {};
  if (typeof outer.error === 'string') return { ...fieldsOf(outer), message: outer.error };
  return fieldsOf(record(outer.error) ?? outer);
}

function fieldsOf(error: Fields): ErrorFields {
  const code = error.code ?? error.status;
  const complaint = complaintsIn(error.message) ?? complaintsIn(error.detail) ?? complaintsIn(error.errors);
  const said = string(error.message) ?? string(error.detail) ?? string(error.msg) ?? complaint?.message;
  return {
    message: behindRouter(error.metadata, said) ?? said ?? innerMessage(error),
    type: string(error.type),
    param: string(error.param) ?? complaint?.param,
    code: typeof code === 'string' && !/^\d+$/.test(code) ? code : undefined,
    number: numberOf(code),
    flagged: record(error.metadata)?.reasons !== undefined,
  };
}

/** A reason that is not JSON; a page of markup is not a reason. */
function plainReason(text: string): string | undefined {
  const reason = text.trim();
  return reason === '' || reason.startsWith('<') ? undefined : reason;
}

/** What the provider behind a router said, in its own body. Source: OpenRouter, "Errors", `metadata.raw`. */
function behindRouter(metadata: unknown, said: string | undefined): string | undefined {
  const raw = record(metadata)?.raw;
  const text = typeof raw === 'string' ? raw : isFields(raw) ? JSON.stringify(raw) : '';
  const reason = text === '' ? undefined : readError(text).message;
  return reason === undefined || said === undefined || reason === said ? reason : `${said}: ${reason}`;
}

/** Some gateways put the error of the next one into theirs. */
function innerMessage({ message, error }: Fields): string | undefined {
  const inner = record(message) ?? record(error);
  if (inner === undefined) return undefined;
  const fields = record(inner.error) ?? inner;
  return string(fields.message) ?? string(fields.error) ?? string(fields.msg);
}

/** How many validation errors of a body are shown. */
const MAX_COMPLAINTS = 5;

/**
 * What servers made with pydantic find wrong with a body: `{ detail: [{ loc, msg }] }`, also inside of `message` or as
 * `message` itself (Mistral, vLLM, TGI). Source: FastAPI, "Handling errors", `RequestValidationError`.
 */
function complaintsIn(value: unknown): { readonly message: string; readonly param: string | undefined } | undefined {
  const list = Array.isArray(value) ? value : record(value)?.detail;
  if (typeof list === 'string') return { message: list, param: undefined };
  if (!Array.isArray(list)) return undefined;
  const complaints = list.map(record).flatMap((complaint) => {
    const text = string(complaint?.msg) ?? string(complaint?.message);
    return text === undefined ? [] : [{ text, path: pathOf(complaint?.loc) }];
  });
  const [first] = complaints;
  if (first === undefined) return undefined;
  const texts = complaints.slice(0, MAX_COMPLAINTS).map(({ text, path }) => (path ? `${path}: ${text}` : text));
  return { message: texts.join('; '), param: first.path || undefined };
}

/** `['body', 'messages', 1, 'refusal']` as `messages[1].refusal`; names of classes among the steps are left out. */
function pathOf(steps: unknown): string {
  if (!Array.isArray(steps)) return '';
  const [first, ...rest] = steps;
  let path = '';
  for (const step of first === 'body' ? rest : steps) {
    if (typeof step === 'number') path += `[${step}]`;
    else if (typeof step === 'string' && /^[a-z_][\w-]*$/.test(step)) path += path === '' ? step : `.${step}`;
  }
  return path;
}

function numberOf(code: unknown): number | undefined {
  const number = typeof code === 'string' || typeof code === 'number' ? Number(code) : Number.NaN;
  return Number.isInteger(number) ? number : undefined;
}

/** An event has no status: its numeric code, else what its words stand for. */
function eventStatus({ number, type, code }: ErrorFields): number {
  if (number !== undefined && number >= 400 && number <= 599) return number;
  const words = `${type ?? ''} ${code ?? ''}`;
  if (/rate_limit|too_many|slow_down/.test(words)) return 429;
  if (/overloaded|unavailable|capacity/.test(words)) return 503;
  if (/timeout/.test(words)) return 504;
  if (/authentication|invalid_api_key|permission/.test(words)) return 401;
  if (/invalid_request|tool_use_failed|json_validate_failed|context_length|content_(?:policy|filter)/.test(words)) {
    return 400;
  }
  return 500;
}

function reasonOf(status: number, { type, code, message, flagged }: ErrorFields): UpstreamReason | undefined {
  const words = `${type ?? ''} ${code ?? ''}`;
  if (/insufficient_quota|credit_balance|billing/.test(words)) return 'quota';
  if (/invalid_api_key/.test(words)) return 'credential';
  if (flagged && (status === 403 || status === 400)) return 'content_policy';
  if (status >= 500 || status === 401 || status === 403 || status === 429) return undefined;
  if (/context_length_exceeded/.test(words) || (status === 400 && LONG_CONTEXT.test(message ?? ''))) {
    return 'context_length';
  }
  if (/content_policy_violation|content_filter/.test(words)) return 'content_policy';
  if (/model_not_found|model_decommissioned/.test(words)) return 'unknown_model';
  return undefined;
}

/** The wording of OpenAI, vLLM, Mistral and Groq. */
const LONG_CONTEXT = /maximum context length|context window|too large for model with \d+ maximum context/i;

function record(value: unknown): Fields | undefined {
  return isFields(value) ? value : undefined;
}

function string(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
