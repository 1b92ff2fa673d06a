import { anthropic, createGateway, type Gateway, google, memoryStore, openai, type Store } from '../../src/index.js';
import type { SubjectOptions } from './subject.js';

/** The account that all requests are for. */
export const ACCOUNT = 'bench';

/**
 * This gateway with everything on: key check, three limits, prepaid balance, usage. Databases other than the one that is
 * measured are not loaded: every full collection would go through them.
 */
export async function benchGateway(options: SubjectOptions): Promise<{ gateway: Gateway; key: string }> {
  const base = options.upstream + options.path;
  const gateway = createGateway({
    providers: {
      openai: openai({ apiKey: 'sk-bench', baseURL: `${base}/v1` }),
      anthropic: anthropic({ apiKey: 'sk-bench', baseURL: base }),
      google: google({ apiKey: 'sk-bench', baseURL: base }),
    },
    models: {
      'bench-openai': { provider: 'openai', model: 'bench-openai', price: { input: 0.15, output: 0.6 } },
      'bench-anthropic': { provider: 'anthropic', price: { input: 3, output: 15 } },
      'bench-google': { provider: 'google', price: { input: 0.3, output: 2.5 } },
    },
    plans: {
      pro: {
        models: '*',
        billing: 'prepaid',
        limits: { requestsPerMinute: 1e9, tokensPerMinute: 2e9, concurrentRequests: 1e6 },
      },
    },
    store: await storeOf(options),
  });
  await gateway.credits.topUp({ accountId: ACCOUNT, amount: '1000000', idempotencyKey: `bench-${process.pid}` });
  const { key } = await gateway.keys.create({ accountId: ACCOUNT, name: 'bench' });
  return { gateway, key };
}

async function storeOf({ store, postgres }: SubjectOptions): Promise<Store> {
  if (store === 'postgres') {
    const { default: pg } = await import('pg');
    const { postgresStore } = await import('../../src/stores/postgres/index.js');
    return postgresStore(new pg.Pool({ ...postgres, max: 16 }));
  }
  if (store === 'sqlite') {
    const { default: Database } = await import('libsql');
    const { sqliteStore } = await import('../../src/stores/sqlite/index.js');
    return sqliteStore(new Database(`bench-${process.pid}.db`));
  }
  return memoryStore();
}
