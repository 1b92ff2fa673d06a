import { type CommandSpec, given, number, text } from '../command.js';
import { record, table } from '../output.js';

export const promo: readonly CommandSpec[] = [
  {
    usage: 'create <code> <amount>',
    description: 'Makes a promo code that gives this many USD, once per account.',
    options: {
      '--max <n>': 'how many accounts may redeem it (default: any number)',
      '--expires <time>': 'when it ends: 2027-01-31 or any ISO 8601 time',
    },
    examples: ['promo create HELLO 5 --max 100 --expires 2027-01-31'],
    action: async (gateway, [code = '', amount = ''], options) => {
      const fields = given({ maxRedemptions: number(options, 'max'), expiresAt: text(options, 'expires') });
      return record(await gateway.promoCodes.create({ code, amount, ...fields }));
    },
  },
  {
    usage: 'disable <code>',
    description: 'Disables a promo code for good; money that was redeemed stays.',
    examples: ['promo disable HELLO'],
    action: async (gateway, [code = '']) => {
      await gateway.promoCodes.disable(code);
      return record({ code, disabled: true });
    },
  },
  {
    usage: 'list',
    description: 'Promo codes, newest first.',
    examples: ['promo list'],
    action: async (gateway) =>
      table(
        await gateway.promoCodes.list(),
        ['code', 'amount', 'redemptions', 'maxRedemptions', 'expiresAt', 'createdAt'],
        'There are no promo codes.',
      ),
  },
];
