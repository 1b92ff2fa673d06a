import { defineConfig } from 'tsup';

/** The command line: one file with its argument parser inside, so that nobody installs one. */
export default defineConfig({
  entry: { cli: 'src/cli/main.ts' },
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  splitting: false,
  clean: false,
  noExternal: ['commander'],
  // The parser is CommonJS, which requires Node's own modules.
  banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
});
