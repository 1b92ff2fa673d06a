import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    node: 'src/http/node.ts',
    express: 'src/http/express.ts',
    fastify: 'src/http/fastify.ts',
    next: 'src/http/next.ts',
    sqlite: 'src/stores/sqlite/index.ts',
    postgres: 'src/stores/postgres/index.ts',
    redis: 'src/stores/redis/index.ts',
    'ai-sdk': 'src/ai-sdk/index.ts',
    vertex: 'src/providers/vertex/index.ts',
    bedrock: 'src/providers/bedrock/index.ts',
    hooks: 'src/hooks/index.ts',
    dashboard: 'src/dashboard/index.ts',
    stripe: 'src/stripe/index.ts',
    admin: 'src/admin/index.ts',
    catalogue: 'src/catalogue/index.ts',
    opentelemetry: 'src/telemetry/opentelemetry.ts',
    prometheus: 'src/telemetry/prometheus.ts',
    testing: 'src/testing/index.ts',
  },
  format: ['esm', 'cjs'],
  target: 'node20',
  platform: 'node',
  splitting: true,
  clean: true,
  // Two small packages that ship ES modules only: inside, so that CommonJS apps and Jest can load this one.
  noExternal: ['p-retry', 'is-network-error', 'eventsource-parser'],
  esbuildOptions(options, { format }) {
    // Jest's CommonJS has no `import()`, so that build requires what is loaded late.
    if (format === 'cjs') options.supported = { ...options.supported, 'dynamic-import': false };
  },
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
});
