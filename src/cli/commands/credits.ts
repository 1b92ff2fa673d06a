import { type CommandSpec, given, number, text } from '../command.js';
import { record, table } from '../output.js';

const MONEY_OPTIONS = {
  '--idempotency-key <key>': "the payment's id: the same key credits once (default: a new one)",
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
    options: { ...MONEY_OPTIONS, '--allow-negative': 'take more than there is, too' },
    examples: ['credits adjust user_1 --note "wrong invoice" -- -2.50'],
    action: async (gateway, [accountId = '', amount = ''], options) => {
      const allow = options['allowNegative'] ? { allowNegative: true } : {};
      return record(await gateway.credits.adjust({ accountId, amount, ...movement(options), ...allow }));
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
        `No money of ${account} has moved.`,
      );
    },
  },
];

function movement(options: Parameters<typeof text>[0]): { idempotencyKey: string; note?: string } {
  const note = text(options, 'note');
  const idempotencyKey = text(options, 'idempotencyKey') ?? `cli:${crypto.randomUUID()}`;
  return { idempotencyKey, ...(note !== undefined && { note }) };
}
