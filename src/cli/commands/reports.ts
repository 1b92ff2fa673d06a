import type { UsageReportQuery } from '../../management/usage-reports.js';
import { type CommandSpec, given, list, number, text } from '../command.js';
import { record, table } from '../output.js';

const RANGE = {
  '--key <id>': 'only this key',
  '--model <name>': 'only this model',
  '--from <time>': 'first instant: 2026-11-01 or any ISO 8601 time',
  '--to <time>': 'end, exclusive',
};

/** Reports that are commands of their own, without a group. */
export const reports: readonly CommandSpec[] = [
  {
    usage: 'usage [account]',
    description: 'Requests, tokens and cost, of one account or of all.',
    options: {
      ...RANGE,
      '--by <names>': 'groups: model, key, day, hour, account (default: model)',
      '--top <n>': 'only the n groups that cost the most',
    },
    examples: ['usage', 'usage user_1 --by day,model --from 2026-11-01'],
    action: async (gateway, [accountId], options) => {
      const groupBy = (list(options, 'by') ?? ['model']) as NonNullable<UsageReportQuery['groupBy']>;
      const range = given({
        keyId: text(options, 'key'),
        model: text(options, 'model'),
        from: text(options, 'from'),
        to: text(options, 'to'),
        top: number(options, 'top'),
      });
      const rows = await gateway.usage.query({ groupBy, ...range, ...(accountId !== undefined && { accountId }) });
      const columns = [
        ...groupBy.map((name) => ({ key: 'keyId', account: 'accountId' })[name as string] ?? name),
        ...['requests', 'inputTokens', 'cachedInputTokens', 'outputTokens', 'totalTokens', 'cost'],
      ];
      return table(rows, columns, 'Nothing was used.');
    },
  },
  {
    usage: 'models',
    description: 'Models that are offered, with prices in USD per million tokens.',
    options: { '--account <id>': "only those of this account's plan, at its prices" },
    examples: ['models', 'models --account user_1'],
    action: async (gateway, _, options) => {
      const models = await gateway.models.list(text(options, 'account'));
      const rows = models.map(({ price, ...model }) => ({
        ...model,
        ...model.capabilities,
        input: price.input,
        output: price.output,
        cached: price.cachedInput,
        context: model.contextWindow,
        factor: model.priceMultiplier,
      }));
      const columns = [
        'id',
        'ownedBy',
        'input',
        'cached',
        'output',
        'factor',
        'context',
        'maxOutputTokens',
        'deprecated',
      ];
      return { ...table(rows, columns, 'There are no models.'), value: models };
    },
  },
  {
    usage: 'requests [id]',
    description: 'The request log, newest first; or one request in full, by its x-request-id.',
    options: {
      ...RANGE,
      '--account <id>': 'only this account',
      '--status <code>': 'an HTTP status, or failed',
      '--code <code>': 'an error code',
      '--limit <n>': 'how many, at most 1000 (default: 100)',
      '--before <id>': 'the last id of the page before',
    },
    examples: ['requests --account user_1 --status failed', 'requests req_5f0c'],
    action: async (gateway, [id], options) => {
      if (id !== undefined) return record(await gateway.requests.get(id));
      const status = text(options, 'status');
      const filter = given({
        accountId: text(options, 'account'),
        keyId: text(options, 'key'),
        model: text(options, 'model'),
        status: status === undefined || status === 'failed' ? (status as 'failed' | undefined) : Number(status),
        code: text(options, 'code'),
        from: text(options, 'from'),
        to: text(options, 'to'),
      });
      const page = given({ limit: number(options, 'limit'), before: text(options, 'before') });
      return table(
        await gateway.requests.list(filter, page),
        ['at', 'id', 'accountId', 'route', 'model', 'provider', 'status', 'code', 'durationMs', 'cost'],
        'No such request was logged.',
      );
    },
  },
];
