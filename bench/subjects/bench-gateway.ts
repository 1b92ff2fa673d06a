import {
  anthropic,
  createGateway,
  type Gateway,
  type GatewayOptions,
  google,
  memoryStore,
  openai,
  type PlanOptions,
} from '../../src/index.js';
import type { StoreOptions, SubjectOptions, UsedPart } from './subject.js';

const PLAN: PlanOptions = {
  models: '*',
  billing: 'prepaid',
  limits: { requestsPerMinute: 1e9, tokensPerMinute: 2e9, concurrentRequests: 1e6 },
};
/** Two allowances; what is drawn on them is not drawn on the balance. */
const ALLOWANCES: Partial<PlanOptions> = {
  allowance: [
    { amount: '1000000', per: 'month' },
    { amount: '1000000', per: '5h' },
  ],
};
/** A plan with more, of which no account is. */
const OTHER_PLAN: PlanOptions = { ...PLAN, ...ALLOWANCES, tools: '*' };
/** Options that a request of `pro` without end user and session has nothing to do with. */
const UNUSED: Partial<GatewayOptions> = {
  budgets: [
    { subject: 'endUser', amount: '10', per: 'day' },
    { subject: 'session', amount: '10', per: 'total' },
  ],
  retention: { events: '30d' },
  thresholds: {},
};

/** The account that all requests are for, where there is one. */
export const ACCOUNT = 'bench';

/**
 * This gateway with everything on: key check, three limits, prepaid balance, usage. Databases other than the one that is
 * measured are not loaded: every full collection would go through them.
 */
export async function benchGateway(options: SubjectOptions): Promise<{ gateway: Gateway; keys: readonly string[] }> {
  const base = options.upstream + options.path;
  const isUnused = options.part === 'unused';
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
      pro: { ...PLAN, ...(options.part === 'allowances' && ALLOWANCES) },
      ...(isUnused && { other: OTHER_PLAN }),
    },
    defaultPlan: 'pro',
    ...(await storesOf(options.store)),
    ...(options.part && (await partsOf(options.part))),
  });
  const keys: string[] = [];
  for (let i = 0; i < (options.accounts ?? 1); i += 1) {
    const accountId = i === 0 ? ACCOUNT : `${ACCOUNT}_${i}`;
    await gateway.credits.topUp({ accountId, amount: '1000000', idempotencyKey: `bench-${process.pid}` });
    keys.push((await gateway.keys.create({ accountId, name: 'bench' })).key);
  }
  return { gateway, keys };
}

/** Where keys, money and limits are. */
async function storesOf(
  options: StoreOptions | undefined,
): Promise<Pick<GatewayOptions, 'store' | 'rateLimiter' | 'keyEvents'>> {
  if (options?.kind === 'sqlite') {
    const { default: Database } = await import('libsql');
    const { sqliteStore } = await import('../../src/stores/sqlite/index.js');
    return { store: sqliteStore(new Database(options.file ?? `bench-${process.pid}.db`)) };
  }
  if (options?.kind !== 'postgres') return { store: memoryStore() };
  const { default: pg } = await import('pg');
  const { postgresStore } = await import('../../src/stores/postgres/index.js');
  const pool = new pg.Pool({ ...options.postgres, max: 16 });
  // The server may end before this process does.
  pool.on('error', () => {});
  const store = postgresStore(pool);
  if (!options.redis) return { store };
  const { Redis } = await import('ioredis');
  const { redisKeyEvents, redisRateLimiter } = await import('../../src/stores/redis/index.js');
  const redis = new Redis({ path: options.redis });
  return { store, rateLimiter: redisRateLimiter(redis), keyEvents: redisKeyEvents(redis) };
}

/** The options of one part. */
async function partsOf(part: UsedPart): Promise<Partial<GatewayOptions>> {
  switch (part) {
    case 'allowances':
      return { budgets: [{ subject: 'account', amount: '1000000', per: 'month' }] };
    case 'request log':
      return { requestLog: { keep: '1d' } };
    case 'hooks': {
      const { redact } = await import('../../src/hooks/index.js');
      return { hooks: [redact([/\b\d{4}-\d{4}-\d{4}-\d{4}\b/])] };
    }
    case 'telemetry': {
      const { BasicTracerProvider, BatchSpanProcessor, InMemorySpanExporter } = await import(
        '@opentelemetry/sdk-trace-base'
      );
      const { MeterProvider } = await import('@opentelemetry/sdk-metrics');
      const { openTelemetry } = await import('../../src/telemetry/opentelemetry.js');
      const exporter = new InMemorySpanExporter();
      exporter.export = (_spans, done) => done({ code: 0 });
      const tracerProvider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
      return { telemetry: openTelemetry({ tracerProvider, meterProvider: new MeterProvider() }) };
    }
    case 'metrics': {
      const { prometheus } = await import('../../src/telemetry/prometheus.js');
      return { metrics: prometheus() };
    }
    case 'unused':
      return UNUSED;
  }
}
