import { type CommandSpec, given, number, text } from '../command.js';
import { record, table } from '../output.js';

const MONEY_OPTIONS = {
  '--idempotency-key <key>': "the payment's id: a repeated key credits only once (default: a new one)",
  '--note <text>': 'shown in the history',
};

export const credits: readonly CommandSpec[] = [
  {
    usage: 'top-up <account> <amount>',
    description: 'Adds prepaid money in USD. An unknown account is created.',
    options: MONEY_OPTIONS,
    examples: ['credits top-up user_1 10.00 --idempotency-key invoice-17'],
    action: async (gateway, [accountId = '', amount = ''], options) =>
      record(await gateway.credits.topUp({ accountId, amount, ...movement(options) })),
  },
  {
    usage: 'adjust <account> <amount>',
    description: 'Corrects a balance up or down; write -- before a negative amount.',
    options: { ...MONEY_OPTIONS, '--allow-negative': 'allow a balance below zero' },
    examples: ['credits adjust user_1 --note "wrong invoice" -- -2.50'],
    action: async (gateway, [accountId = '', amount = ''], options) => {
      const allow = options['allowNegative'] ? { allowNegative: true } : {};
      return record(await gateway.credits.adjust({ accountId, amount, ...movement(options), ...allow }));
    },
  },
  {
    usage: 'grant <account> <amount>',
    description: 'Gives money in USD that may expire and is drawn on before the balance.',
    options: {
      '--expires <time>': 'when it ends: 2027-01-31 or any ISO 8601 time (default: never)',
      '--reason <text>': 'shown to the account',
      '--idempotency-key <key>': 'a repeated key grants only once (default: a new one)',
    },
    examples: ['credits grant user_1 5 --expires 2027-01-31 --reason "sorry for the outage"'],
    action: async (gateway, [accountId = '', amount = ''], options) => {
      const idempotencyKey = text(options, 'idempotencyKey') ?? `cli:${crypto.randomUUID()}`;
      const more = given({ expiresAt: text(options, 'expires'), reason: text(options, 'reason') });
      return record(await gateway.credits.grant({ accountId, amount, idempotencyKey, ...more }));
    },
  },
  {
    usage: 'refund <request>',
    description: 'Returns the charge of a request to the sources it came from, once.',
    options: {
      '--account <account>': 'refuse to refund a request of another account',
      '--reason <text>': 'shown in the history',
    },
    examples: ['credits refund req_0123 --reason "late answer"'],
    action: async (gateway, [requestId = ''], options) => {
      const more = given({ accountId: text(options, 'account'), reason: text(options, 'reason') });
      return table(
        await gateway.credits.refund({ requestId, ...more }),
        ['at', 'kind', 'source', 'amount', 'balanceAfter', 'reference'],
        'The request was free: there is nothing to refund.',
      );
    },
  },
  {
    usage: 'redeem <account> <code>',
    description: 'Redeems a promo code for an account.',
    examples: ['credits redeem user_1 HELLO'],
    action: async (gateway, [accountId = '', code = '']) => record(await gateway.credits.redeem({ accountId, code })),
  },
  {
    usage: 'history <account>',
    description: 'Every movement of money, newest first.',
    options: {
      '--limit <n>': 'how many, at most 1000 (default: 100)',
      '--before <id>': 'the last id of the page before',
    },
    examples: ['credits history user_1 --limit 20'],
    action: async (gateway, [account = ''], options) => {
      const page = given({ limit: number(options, 'limit'), before: text(options, 'before') });
      return table(
        await gateway.credits.history(account, page),
        ['at', 'kind', 'amount', 'balanceAfter', 'reference', 'note'],
        `The account ${account} has no movements of money.`,
      );
    },
  },
];

function movement(options: Parameters<typeof text>[0]): { idempotencyKey: string; note?: string } {
  const note = text(options, 'note');
  const idempotencyKey = text(options, 'idempotencyKey') ?? `cli:${crypto.randomUUID()}`;
  return { idempotencyKey, ...(note !== undefined && { note }) };
}
