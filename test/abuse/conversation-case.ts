import type { SeededRandom } from '../../src/testing/seeded-random.js';
import type { Manner } from './obedient-provider.js';
import { HOSTED_MODELS } from './targets.js';

/** Several requests of one account, of which the later ones name what the earlier ones left. */
export interface Conversation {
  readonly dollars: string;
  /** Where the money is; `session`: requests of the app's own code, or of a page's token, that may spend so much in all. */
  readonly pays: 'balance' | 'budget' | 'session' | 'token';
  readonly turns: readonly Turn[];
}

/** One of them. */
export interface Turn {
  readonly model: string;
  readonly route: ConversationRoute;
  readonly stream: boolean;
  readonly limit: number;
  /** How often it is sent at once. */
  readonly copies: number;
  /** True: it is sent while the one before it runs. */
  readonly together: boolean;
  readonly leaves: 'asked' | number | 'never';
  /** How what was left comes in, and how often. */
  readonly names: Naming;
  readonly times: number;
  readonly manner: Manner;
}

export type ConversationRoute = 'chat' | 'responses' | 'messages' | 'gemini' | 'chat with input';

/**
 * `calls`: by the ids of the calls alone; `items`: by the ids of the items alone; `answers`: as they came, thoughts and
 * signatures with them; `nothing`: not at all.
 */
export type Naming = 'calls' | 'items' | 'answers' | 'nothing';

/** The dollars of a session, which are those of the gateway's own budget. */
export const SESSION_DOLLARS = '0.05';

const MODELS = [
  'mini',
  'gpt',
  'o',
  'haiku',
  'gemini',
  'long',
  'copy',
  'reasoner',
  'thinker',
  'thinker',
  'signer',
  ...HOSTED_MODELS,
];
const ROUTES: readonly ConversationRoute[] = [
  'chat',
  'chat',
  'responses',
  'responses',
  'messages',
  'gemini',
  'chat with input',
];
const LONG = ['thought '.repeat(250), 'thought '.repeat(1_500), '思'.repeat(400)] as const;
const CALL = { name: 'look', arguments: {} };
/** A client knows ids of calls before they are made: many servers count them. */
const IDS = [undefined, undefined, 'call_known'] as const;

/** The conversation of a seed: the same for the same seed. */
export function conversationCase(random: SeededRandom, all: readonly string[] = MODELS): Conversation {
  const pays = random.pick(['balance', 'balance', 'balance', 'budget', 'session', 'token'] as const);
  const models = [random.pick(all), random.pick(all)] as const;
  const turns = Array.from({ length: random.integer(2, 4) }, (_, index) => turnOf(index, models, random));
  const dollars = pays === 'session' ? SESSION_DOLLARS : random.pick(['0.002', '0.01', '0.05', '0.3', '2', '40']);
  return { dollars, pays, turns };
}

function turnOf(index: number, models: readonly string[], random: SeededRandom): Turn {
  const id = random.pick(IDS);
  const called = random.next() < 0.7;
  return {
    // What one model left is often sent to another one.
    model: random.next() < 0.7 ? (models[0] as string) : (models[1] as string),
    route: random.pick(ROUTES),
    stream: random.next() < 0.4,
    limit: random.pick([16, 100, 1_000]),
    copies: index === 0 ? 1 : random.pick([1, 1, 2, 8]),
    together: index > 0 && random.next() < 0.4,
    leaves: random.pick(['never', 'never', 'never', 'never', 'asked', 0, 2, 5]),
    names:
      index === 0
        ? random.pick(['nothing', 'calls', 'items'])
        : random.pick(['calls', 'calls', 'items', 'answers', 'answers']),
    times: random.pick([1, 1, 2, 4]),
    manner: {
      reports: random.next() < 0.85,
      greedy: random.next() < 0.7,
      words: [random.pick(['Hello, world. ', 'word '.repeat(400), '\u{1f701}\u{1f702}'])],
      ...(random.next() < 0.7 && { thinks: random.pick(LONG) }),
      ...(called && { calls: [{ ...CALL, ...(id !== undefined && { id }) }] }),
    },
  };
}
