import { type CommandSpec, given, number, text } from '../command.js';
import { record, table } from '../output.js';
import { parseBudget } from './keys.js';

export const accounts: readonly CommandSpec[] = [
  {
    usage: 'list',
    description: 'Accounts by id, with plan and balance.',
    options: {
      '--search <text>': 'a part of the id',
      '--after <id>': 'the last id of the page before',
      '--limit <n>': 'how many, at most 1000 (default: 100)',
    },
    examples: ['accounts list', 'accounts list --search acme'],
    action: async (gateway, _, options) => {
      const query = given({
        search: text(options, 'search'),
        after: text(options, 'after'),
        limit: number(options, 'limit'),
      });
      return table(
        await gateway.accounts.list(query),
        ['id', 'plan', 'balance', 'held', 'createdAt'],
        'There are no such accounts.',
      );
    },
  },
  {
    usage: 'show <account>',
    description: 'One account: plan, billing, limits, balance.',
    examples: ['accounts show user_1'],
    action: async (gateway, [id = '']) => {
      const account = await gateway.accounts.get(id);
      return record({ ...(await gateway.accounts.overview(id)), createdAt: account.createdAt });
    },
  },
  {
    usage: 'set-plan <account> <plan>',
    description: 'Puts an account on another plan, from the next request on. An unknown account is created.',
    examples: ['accounts set-plan user_1 pro'],
    action: async (gateway, [id = '', plan = '']) => record(await gateway.accounts.setPlan(id, plan)),
  },
  {
    usage: 'set-budget <account> <budget>',
    description: 'Bounds what all requests of an account may spend: 10, 10/day, 10/week, 10/month, or none.',
    examples: ['accounts set-budget user_1 50/month', 'accounts set-budget user_1 none'],
    action: async (gateway, [id = '', budget = '']) =>
      record(await gateway.accounts.setBudget(id, budget === 'none' ? null : parseBudget(budget, 'The budget'))),
  },
  {
    usage: 'suspend <account>',
    description: 'Refuses every request of an account with 403, from the next one on.',
    options: { '--reason <text>': 'kept with the account' },
    examples: ['accounts suspend user_1 --reason "charge-back"'],
    action: async (gateway, [id = ''], options) =>
      record(await gateway.accounts.suspend(id, given({ reason: text(options, 'reason') }))),
  },
  {
    usage: 'resume <account>',
    description: 'Ends the suspension of an account.',
    examples: ['accounts resume user_1'],
    action: async (gateway, [id = '']) => record(await gateway.accounts.resume(id)),
  },
];
