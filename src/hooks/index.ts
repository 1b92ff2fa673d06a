import {
  aBaseURL,
  aFunction,
  anything,
  aString,
  aText,
  type Check,
  checkGiven,
  notNegative,
  one,
  texts,
} from '../lib/option-checks.js';
import { waitProblem } from '../lib/timers.js';
import { requireApiKey } from '../providers/api-key.js';
import type { CredentialSource } from '../providers/http/credentials.js';
import type { Hook, HookContext } from './hook.js';

/** What a built-in hook checks, and what happens when it fails. */
export interface ReadyHookOptions {
  /** @default both */
  readonly on?: 'request' | 'answer' | 'both';
  readonly timeoutMs?: number;
  readonly onError?: 'refuse' | 'pass';
}

const READY = {
  on: one(['request', 'answer', 'both']),
  timeoutMs: waitProblem,
  onError: one(['refuse', 'pass']),
} satisfies Record<keyof ReadyHookOptions, Check>;

export interface RedactOptions extends ReadyHookOptions {
  /** Replaces what was found. @default '[redacted]' */
  readonly replacement?: string;
  /** Characters of a stream that are held back: at least the length of the longest match. @default 128 */
  readonly lookBehind?: number;
}

const REDACT = {
  ...READY,
  replacement: aString,
  lookBehind: notNegative,
} satisfies Record<keyof RedactOptions, Check>;

/**
 * Removes what matches from requests and answers, also where a match spans several chunks of a stream.
 *
 * @param patterns texts, or regular expressions, of which every match counts.
 * @throws {TypeError} for a pattern that matches the empty string, since it would be found between any two letters, and for
 *   options that are unknown or malformed.
 */
export function redact(patterns: readonly (string | RegExp)[], options: RedactOptions = {}): Hook {
  checkGiven('redact', options, REDACT);
  checkList('redact', 'patterns', patterns, (pattern) => typeof pattern === 'string' || pattern instanceof RegExp);
  const { on = 'both', replacement = '[redacted]', lookBehind = 128, ...limits } = options;
  const expressions = patterns.map(everyMatch);
  const empty = expressions.findIndex((expression) => ''.search(expression) !== -1);
  if (empty !== -1) throw new TypeError(`redact: patterns[${empty}] matches the empty string`);
  // A match between two letters, as of a look-ahead, holds nothing to remove.
  const replaced = (match: string) => (match === '' ? '' : replacement);
  const change = (text: string) => expressions.reduce((rest, found) => rest.replace(found, replaced), text);
  return {
    name: 'redact',
    ...limits,
    ...(on !== 'answer' && { request: (context) => context.editText(change) }),
    ...(on !== 'request' && { answer: { mode: 'transform', lookBehind, text: change } }),
  };
}

export interface BlockWordsOptions extends ReadyHookOptions {
  /** @default 'content_policy_violation' */
  readonly code?: string;
  /** @default 'The content is not allowed here.' */
  readonly message?: string;
}

const BLOCK_WORDS = { ...READY, code: aText, message: aText } satisfies Record<keyof BlockWordsOptions, Check>;

/** What no reader sees: soft hyphens, joiners, spaces without width. Source: Unicode, Default_Ignorable_Code_Point. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;

/**
 * Refuses requests and answers that contain one of the words, as a whole word in any case, however its letters are encoded and whatever
 * invisible characters are among them. Streams are held back until they are complete.
 *
 * @param words spaces and line ends around them do not count.
 * @throws {TypeError} for an empty word, which everything contains, and for options that are unknown or malformed.
 */
export function blockWords(words: readonly string[], options: BlockWordsOptions = {}): Hook {
  checkGiven('blockWords', options, BLOCK_WORDS);
  checkList('blockWords', 'words', words, (word) => typeof word === 'string');
  const {
    on = 'both',
    code = 'content_policy_violation',
    message = 'The content is not allowed here.',
    ...limits
  } = options;
  const found = words.map((word, index) => {
    const letters = word.normalize('NFKC').replace(INVISIBLE, '').trim();
    if (letters === '') throw new TypeError(`blockWords: words[${index}] is empty`);
    return new RegExp(`(?<![\\p{L}\\p{N}])${escaped(letters)}(?![\\p{L}\\p{N}])`, 'iu');
  });
  const isBlocked = (text: string) => {
    const plain = text.normalize('NFKC');
    // As it stands as well: an invisible character may be all that keeps a word apart from the one before it.
    const seen = [plain, plain.replace(INVISIBLE, '')];
    return found.some((word) => seen.some((form) => word.test(form)));
  };
  return {
    name: 'block-words',
    ...limits,
    ...(on !== 'answer' && {
      request: (context) => (isBlocked(context.text()) ? context.refuse(code, message) : undefined),
    }),
    ...(on !== 'request' && {
      answer: { mode: 'buffer', text: (text, context) => (isBlocked(text) ? context.refuse(code, message) : text) },
    }),
  };
}

export interface OpenAIModerationOptions extends ReadyHookOptions {
  readonly apiKey: CredentialSource;
  /** @default 'https://api.openai.com/v1' */
  readonly baseURL?: string;
  /** @default 'omni-moderation-latest' */
  readonly model?: string;
  /** Categories that count; default: whatever OpenAI flags. */
  readonly categories?: readonly string[];
  readonly fetch?: typeof fetch;
}

const MODERATION = {
  ...READY,
  apiKey: anything,
  baseURL: aBaseURL,
  model: aText,
  categories: texts,
  fetch: aFunction,
} satisfies Record<keyof OpenAIModerationOptions, Check>;

/**
 * Asks OpenAI's moderation about requests, and about answers before their client sees them.
 *
 * Source: the OpenAI API reference, `POST /moderations`. A response without a verdict counts as a failure.
 *
 * @throws {TypeError} when an option is missing, unknown or malformed.
 */
export function openaiModeration(options: OpenAIModerationOptions): Hook {
  checkGiven('openaiModeration', options, MODERATION);
  requireApiKey('openaiModeration', options.apiKey);
  const { on = 'both', timeoutMs = 5_000, onError } = options;
  const refuse = (context: HookContext) =>
    context.refuse('content_policy_violation', 'The content was flagged by moderation.');
  return {
    name: 'openai-moderation',
    timeoutMs,
    ...(onError && { onError }),
    ...(on !== 'answer' && {
      request: async (context) => ((await isFlagged(context.text(), context, options)) ? refuse(context) : undefined),
    }),
    ...(on !== 'request' && {
      answer: {
        mode: 'buffer',
        text: async (text, context) => ((await isFlagged(text, context, options)) ? refuse(context) : text),
      },
    }),
  };
}

async function isFlagged(input: string, context: HookContext, options: OpenAIModerationOptions): Promise<boolean> {
  if (input.trim() === '') return false;
  const {
    baseURL = 'https://api.openai.com/v1',
    model = 'omni-moderation-latest',
    categories,
    timeoutMs = 5_000,
  } = options;
  const { accountId, tags } = context.identity;
  const { apiKey, fetch: send = fetch } = options;
  const key = typeof apiKey === 'function' ? await apiKey({ accountId, model, tags }) : apiKey;
  const response = await send(`${baseURL.replace(/\/+$/, '')}/moderations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, input }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!response.ok) throw new Error(`moderation answered ${response.status}`);
  const { results } = (await response.json()) as { results?: Verdict[] };
  if (!Array.isArray(results) || results.length === 0) throw new Error('moderation gave no verdict');
  return results.some((result) =>
    categories ? categories.some((name) => result.categories?.[name] === true) : result.flagged === true,
  );
}

interface Verdict {
  readonly flagged?: boolean;
  readonly categories?: Readonly<Record<string, boolean>>;
}

/** @throws {TypeError} for anything but a list of what fits. */
function checkList(hook: string, name: string, list: unknown, fits: (item: unknown) => boolean): void {
  if (!Array.isArray(list)) throw new TypeError(`${hook}: ${name} must be an array`);
  const wrong = list.findIndex((item) => !fits(item));
  if (wrong !== -1) throw new TypeError(`${hook}: ${name}[${wrong}] is of the wrong kind`);
}

function everyMatch(pattern: string | RegExp): RegExp {
  if (typeof pattern === 'string') return new RegExp(escaped(pattern), 'g');
  return new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/g, '')}g`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
