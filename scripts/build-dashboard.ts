import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const PAGE = join(ROOT, 'dashboard-page');
const TARGET = join(ROOT, 'src', 'dashboard');

/**
 * Bundles the dashboard's page into `src/dashboard/page-assets.js`: strings in a module, so that no file is read
 * when the package runs. The file is not kept in the repository; tests, `npm start` and `npm run build` make it anew.
 */
export async function buildDashboard(): Promise<void> {
  const result = await build({
    entryPoints: [join(PAGE, 'main.tsx'), join(PAGE, 'start.ts'), join(PAGE, 'styles', 'index.css')],
    outdir: TARGET,
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: ['chrome109', 'firefox115', 'safari16.4'],
    charset: 'utf8',
    legalComments: 'none',
    banner: { js: '/*! With Preact, MIT License, Copyright (c) 2015-present Jason Miller */' },
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const assets = [toAsset('script', 'main.js'), toAsset('start', 'start.js'), toAsset('styles', 'index.css')];
  writeWhenChanged(join(TARGET, 'page-assets.js'), assets.join(''));

  function toAsset(exportName: string, output: string): string {
    const file = result.outputFiles.find(({ path }) => path.endsWith(output));
    if (!file) throw new Error(`the bundle has no ${output}`);
    const content = file.text.trim();
    const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
    const stem = exportName === 'start' ? 'start' : 'app';
    const name = `${stem}.${hash}.${output.split('.')[1]}`;
    return `export const ${exportName} = ${JSON.stringify({ name, content })};\n`;
  }
}

/** Two runs at the same time each write a whole file. */
function writeWhenChanged(path: string, content: string): void {
  if (readIfThere(path) === content) return;
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, content);
  renameSync(temporary, path);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildDashboard();
