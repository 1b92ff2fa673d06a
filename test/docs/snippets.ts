import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';
import { REPOSITORY } from '../helpers/built-package.js';

/** A block of code in a document. */
export interface Snippet {
  readonly document: string;
  readonly line: number;
  readonly language: string;
  readonly code: string;
}

/** The documents of the package, relative to the repository. */
export const documents: readonly string[] = [
  'README.md',
  ...readdirSync(join(REPOSITORY, 'docs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name.endsWith('.md'))
    .map((entry) => relative(REPOSITORY, join(entry.parentPath, entry.name))),
].sort();

/** Every block of code in them. */
export const snippets: readonly Snippet[] = documents.flatMap((document) => {
  const text = readFileSync(join(REPOSITORY, document), 'utf8');
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map((match) => ({
    document,
    line: text.slice(0, match.index).split('\n').length,
    language: match[1] as string,
    code: match[2] as string,
  }));
});

/** Where the entry points of the package are in its sources, as the compiler knows them. */
function sources(): Record<string, string> {
  const { config } = ts.readConfigFile(join(REPOSITORY, 'tsconfig.json'), ts.sys.readFile);
  const paths = Object.entries(config.compilerOptions.paths as Record<string, string[]>);
  return Object.fromEntries(paths.map(([name, [file = '']]) => [name, join(REPOSITORY, file)]));
}

/** Writes code into a folder inside the repository, by name, and makes of each a module `<name>.mjs` that can be imported. */
export async function buildSnippets(folder: string, code: Readonly<Record<string, string>>): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const files = Object.entries(code).map(([name, text]) => {
    const file = join(folder, `${name}.ts`);
    writeFileSync(file, text);
    return file;
  });
  await build({
    entryPoints: files,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    alias: sources(),
    logLevel: 'error',
  });
}
