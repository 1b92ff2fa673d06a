import { type CommandSpec, given, number, text } from '../command.js';
import { record, table } from '../output.js';

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
];
