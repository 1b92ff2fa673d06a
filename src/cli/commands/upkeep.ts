import { type CommandSpec, given, list, text } from '../command.js';
import { UsageError } from '../load-gateway.js';
import { record, table } from '../output.js';

/** What keeps a gateway healthy. */
export const upkeep: readonly CommandSpec[] = [
  {
    usage: 'migrate',
    description: "Creates or updates the store's tables. Harmless to repeat.",
    examples: ['migrate --gateway ./gateway.js'],
    action: async (gateway) => {
      await gateway.migrate();
      return { value: { migrated: true }, text: 'The tables are up to date.' };
    },
  },
  {
    usage: 'prune',
    description: 'Deletes raw usage events, logged requests and sessions from before a time. Sums stay exact.',
    options: {
      '--events-before <time>': 'usage events: 2025-11-01 or any ISO 8601 time',
      '--requests-before <time>': 'logged requests',
      '--sessions-before <time>': 'sessions that have ended',
    },
    examples: ['prune --events-before 2025-11-01 --requests-before 2026-10-01'],
    action: async (gateway, _, options) => {
      const before = given({
        eventsBefore: text(options, 'eventsBefore'),
        requestsBefore: text(options, 'requestsBefore'),
        sessionsBefore: text(options, 'sessionsBefore'),
      });
      if (Object.keys(before).length === 0)
        throw new UsageError('Say what to delete: --events-before, --requests-before …');
      return record(await gateway.maintenance.prune(before));
    },
  },
  {
    usage: 'doctor',
    description:
      'Tries the parts of the gateway, credentials and one small request to each target. Providers charge some tokens for it.',
    options: { '--models <names>': 'only these models: a,b', '--no-requests': 'ask no provider' },
    examples: ['doctor', 'doctor --models gpt-6-sol', 'doctor --no-requests --json'],
    action: async (gateway, _, options) => {
      const models = list(options, 'models');
      const { parts } = await gateway.check();
      const targets = options['requests'] === false ? [] : await gateway.probe(models && { models });
      const checks = [
        ...parts.map(({ name, error = null, ...part }) => ({ check: name, ...part, error })),
        ...targets.map(({ target, ...probe }) => ({ check: target, ...probe })),
      ].map((row) => ({ ...row, result: row.ok === null ? 'not tried' : row.ok ? 'ok' : 'FAILED' }));
      const failed = checks.filter(({ ok }) => ok === false);
      const shown = table(checks, ['result', 'check', 'latencyMs', 'error'], 'There is nothing to try.');
      const verdict = failed.length === 0 ? 'Everything works.' : `${failed.length} of ${checks.length} checks failed.`;
      return {
        value: { ok: failed.length === 0, checks },
        text: `${shown.text}\n\n${verdict}`,
        failed: failed.length > 0,
      };
    },
  },
];
