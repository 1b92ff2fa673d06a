import { BUDGET_PERIODS, type Budget } from '../../management/key-settings.js';
import type { RotateOptions } from '../../management/keys.js';
import { type CommandSpec, given, list, number, type Options, text } from '../command.js';
import { UsageError } from '../load-gateway.js';
import { record, table } from '../output.js';

const COLUMNS = ['id', 'name', 'hint', 'createdAt', 'lastUsedAt', 'expiresAt', 'revokedAt', 'budget'];

export const keys: readonly CommandSpec[] = [
  {
    usage: 'list <account>',
    description: 'Keys of an account, newest first; never the keys themselves.',
    examples: ['keys list user_1', 'keys list user_1 --json'],
    action: async (gateway, [account = '']) =>
      table(await gateway.keys.list(account), COLUMNS, `The account ${account} has no keys.`),
  },
  {
    usage: 'create <account>',
    description: 'Makes a key and prints it, this once. An unknown account is created on the default plan.',
    options: {
      '-n, --name <name>': 'what the key is for (required)',
      '--expires <time>': 'when it ends: 2027-01-31 or any ISO 8601 time',
      '--models <names>': 'narrows the models of the plan: a,b',
      '--budget <amount>': 'what it may spend: 10, or 10/day, 10/week, 10/month',
      '--rpm <n>': 'requests per minute',
      '--tpm <n>': 'tokens per minute',
      '--concurrency <n>': 'requests at once',
    },
    examples: [
      'keys create user_1 --name laptop',
      'keys create user_1 --name ci --budget 10/month --expires 2027-01-31',
    ],
    action: async (gateway, [accountId = ''], options) => {
      const limits = given({
        requestsPerMinute: number(options, 'rpm'),
        tokensPerMinute: number(options, 'tpm'),
        concurrentRequests: number(options, 'concurrency'),
      });
      const fields = given({
        expiresAt: text(options, 'expires'),
        models: list(options, 'models'),
        budget: budgetOf(options),
        limits: Object.keys(limits).length > 0 ? limits : undefined,
      });
      const created = await gateway.keys.create({ accountId, name: text(options, 'name') ?? '', ...fields });
      const { id, expiresAt } = created.record;
      const shown = record({ key: created.key, id, accountId, expiresAt }, 'Keep the key now: it is not shown again.');
      return { ...shown, value: created };
    },
  },
  {
    usage: 'rotate <id>',
    description: 'Makes a new key with the same settings and budget, and prints it, this once.',
    options: {
      '--overlap <duration>': 'how long the old key still works: 24h (default: not at all)',
      '--account <account>': 'refuse to rotate the key of another account',
    },
    examples: ['keys rotate key_01hq --overlap 24h'],
    action: async (gateway, [id = ''], options) => {
      const overlap = text(options, 'overlap') as RotateOptions['overlap'];
      const created = await gateway.keys.rotate(id, given({ overlap, accountId: text(options, 'account') }));
      const { accountId, expiresAt } = created.record;
      const row = { key: created.key, id: created.record.id, accountId, expiresAt };
      return { ...record(row, 'Keep the key now: it is not shown again.'), value: created };
    },
  },
  {
    usage: 'disable <id>',
    description: 'Refuses a key until it is enabled again.',
    examples: ['keys disable key_01hq'],
    action: async (gateway, [id = '']) => record(await gateway.keys.disable(id)),
  },
  {
    usage: 'enable <id>',
    description: 'Lets a disabled key be used again.',
    examples: ['keys enable key_01hq'],
    action: async (gateway, [id = '']) => record(await gateway.keys.enable(id)),
  },
  {
    usage: 'revoke <id>',
    description: 'Refuses a key from the next request on.',
    options: { '--account <account>': 'refuse to revoke the key of another account' },
    examples: ['keys revoke key_01hq'],
    action: async (gateway, [id = ''], options) => {
      const accountId = text(options, 'account');
      return record(await gateway.keys.revoke(id, accountId === undefined ? {} : { accountId }));
    },
  },
];

function budgetOf(options: Options): Budget | undefined {
  const budget = text(options, 'budget');
  return budget === undefined ? undefined : parseBudget(budget, '--budget');
}

/** `10/month`. @param name of what it was given as. @throws {UsageError} for another period. */
export function parseBudget(budget: string, name: string): Budget {
  const [amount = '', period = 'total'] = budget.split('/');
  const known = BUDGET_PERIODS.find((one) => one === period);
  if (!known)
    throw new UsageError(`${name} is an amount with /day, /week, /month or nothing after it, not '${budget}'.`);
  return { amount, period: known };
}
