import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Compiled } from './compile.js';

const HEAD = '// Made by `npm run catalogue`; changes made here are lost with the next run.\n';

/** Writes one module for each provider, one that lists them, and the checksum that a test holds them to. */
export function writeCatalogue(root: string, date: string, compiled: Compiled): void {
  const folder = join(root, 'src/catalogue/data');
  mkdirSync(folder, { recursive: true });
  for (const [provider, models] of Object.entries(compiled)) {
    const rows = Object.entries(models).map(([id, model]) => `  ${JSON.stringify(id)}: ${JSON.stringify(model)},\n`);
    const head = `${HEAD}import type { ProviderModels } from '../model.js';\n\n`;
    writeFileSync(
      join(folder, `${provider}.ts`),
      `${head}export const ${provider}: ProviderModels = {\n${rows.join('')}};\n`,
    );
  }
  const names = Object.keys(compiled);
  const imports = [...names].sort().map((name) => `import { ${name} } from './${name}.js';\n`);
  writeFileSync(
    join(folder, 'index.ts'),
    `${HEAD}import type { ProviderModels } from '../model.js';\n${imports.join('')}
/** The day up to which the facts were followed. */
export const DATE = '${date}';

/** All models by provider; makers come before clouds. */
export const PROVIDERS = { ${names.join(', ')} } as const satisfies Readonly<Record<string, ProviderModels>>;
`,
  );
  writeFileSync(join(root, 'test/catalogue/catalogue.sha256'), `${checksum(compiled)}\n`);
}

/** SHA-256 of the catalogue as JSON. */
export function checksum(compiled: Compiled): string {
  return createHash('sha256').update(JSON.stringify(compiled)).digest('hex');
}
