import { defineConfig } from 'tsup';

const shared = { target: 'node20', platform: 'node', splitting: false, clean: false } as const;

export default defineConfig([
  /** The command line: one file with its argument parser inside, so that nobody installs one. */
  {
    ...shared,
    entry: { cli: 'src/cli/main.ts' },
    format: ['esm'],
    noExternal: ['commander'],
    // The parser is CommonJS, which requires Node's own modules.
    banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
  },
  /** CommonJS: bundlers look for no named exports in it, so that its own message is what is seen. */
  { ...shared, entry: { edge: 'src/edge.ts' }, format: ['cjs'] },
]);
