/** What `init` found in the folder of an app. */
export interface Setup {
  readonly framework: 'next' | 'fastify' | 'express' | 'hono' | 'node';
  readonly store: StoreKind;
  readonly extension: 'ts' | 'mjs';
  /** Node.js itself runs `.ts` files: from 22.18 on. */
  readonly runsTypeScript: boolean;
  /** Where the routes of Next.js are. */
  readonly appFolder: string;
}

export type StoreKind = 'postgres' | 'better-sqlite3' | 'libsql' | 'memory';

/** A file to write; `path` is relative to the app's folder. */
export interface StarterFile {
  readonly path: string;
  readonly content: string;
}

const STORES: Readonly<Record<StoreKind, { readonly imports: string; readonly store: string }>> = {
  postgres: {
    imports: `import { postgresStore } from 'metask-gateway/postgres'\nimport pg from 'pg'\n`,
    store: 'postgresStore(new pg.Pool({ connectionString: process.env.DATABASE_URL }))',
  },
  'better-sqlite3': {
    imports: `import Database from 'better-sqlite3'\nimport { sqliteStore } from 'metask-gateway/sqlite'\n`,
    store: `sqliteStore(new Database('gateway.db'))`,
  },
  libsql: {
    imports: `import Database from 'libsql'\nimport { sqliteStore } from 'metask-gateway/sqlite'\n`,
    store: `sqliteStore(new Database('gateway.db'))`,
  },
  memory: { imports: '', store: 'memoryStore()' },
};

/** The module that makes the gateway. */
export function gatewayFile(setup: Setup): StarterFile {
  return {
    path: `gateway.${setup.extension}`,
    content:
      setup.framework === 'next'
        ? keptGateway(setup)
        : `${importsOf(setup)}
export const gateway = createGateway({
  providers: { openai: openai({ apiKey: process.env.OPENAI_API_KEY ?? '' }) },
${OFFER}  store: ${STORES[setup.store].store},
})
`,
  };
}

const OFFER = `  // Current models with their prices; markup: '1.2' adds 20 %.
  models: pick(['gpt-6-*']),
  plans: {
    free: { models: ['gpt-6-luna'], limits: { requestsPerMinute: 20 } },
    pro: { models: '*', limits: { requestsPerMinute: 600 }, billing: 'prepaid' },
  },
  defaultPlan: 'free',
`;

function importsOf({ store }: Setup, types = ''): string {
  const memory = store === 'memory' ? ', memoryStore' : '';
  return `import { ${types}createGateway${memory}, openai } from 'metask-gateway'
import { pick } from 'metask-gateway/catalogue'
${STORES[store].imports}`;
}

/** Next.js evaluates modules anew after each change: the gateway stays, and takes over what it offers. */
function keptGateway(setup: Setup): string {
  const typed = setup.extension === 'ts';
  return `${importsOf(setup, typed ? 'type ConfigureOptions, type Gateway, ' : '')}
const offer = {
${OFFER}}${typed ? ' satisfies ConfigureOptions' : ''}

const kept = globalThis${typed ? ' as { gateway?: Gateway }' : ''}
kept.gateway ??= createGateway({
  providers: { openai: openai({ apiKey: process.env.OPENAI_API_KEY ?? '' }) },
  ...offer,
  store: ${STORES[setup.store].store},
})
export const gateway = kept.gateway
if (process.env.NODE_ENV === 'development') await gateway.configure(offer)
`;
}

/** The module that serves it. */
export function mountFile({ framework, extension, runsTypeScript, appFolder }: Setup): StarterFile {
  if (framework === 'next') {
    const up = '../'.repeat(appFolder.split('/').length + 2);
    const path = `${appFolder}/v1/[...path]/route.${extension === 'ts' ? 'ts' : 'js'}`;
    const gateway = extension === 'ts' ? `${up}gateway` : `${up}gateway.mjs`;
    return {
      path,
      content: `import { toNextHandlers } from 'metask-gateway/next'\nimport { gateway } from '${gateway}'\n\nexport const runtime = 'nodejs'\nexport const dynamic = 'force-dynamic'\nexport const maxDuration = 300\n\nexport const { GET, POST } = toNextHandlers(gateway)\n`,
    };
  }
  // Node.js imports a .ts file by its own name alone, which tsc accepts with allowImportingTsExtensions; tsx and tsc know it as .js.
  const imported = extension === 'ts' && !runsTypeScript ? 'js' : extension;
  const gateway = `import { gateway } from './gateway.${imported}'\n`;
  return { path: `gateway-server.${extension}`, content: SERVERS[framework](gateway) };
}

const SERVERS: Readonly<Record<Exclude<Setup['framework'], 'next'>, (gateway: string) => string>> = {
  express: (gateway) => `import express from 'express'
import { toExpressHandler } from 'metask-gateway/express'
${gateway}
const app = express()
app.use('/v1', toExpressHandler(gateway)) // before body parsers
app.listen(Number(process.env.PORT ?? 3000))
`,
  fastify: (gateway) => `import Fastify from 'fastify'
import { gatewayPlugin } from 'metask-gateway/fastify'
${gateway}
const app = Fastify()
app.register(gatewayPlugin, { gateway, prefix: '/v1' })
await app.listen({ port: Number(process.env.PORT ?? 3000) })
`,
  hono: (gateway) => `import { serve } from '@hono/node-server'
import { Hono } from 'hono'
${gateway}
const app = new Hono()
app.all('/v1/*', (c) => gateway.fetch(c.req.raw))
serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) })
`,
  node: (gateway) => `import { createServer } from 'node:http'
import { toNodeHandler } from 'metask-gateway/node'
${gateway}
createServer(toNodeHandler(gateway)).listen(Number(process.env.PORT ?? 3000))
`,
};
