import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY } from '../helpers/built-package.js';

const SOURCES = join(REPOSITORY, 'src');

interface Import {
  readonly file: string;
  /** Relative to `src` for own files, else the package. */
  readonly target: string;
  readonly typeOnly: boolean;
}

const everyImport: readonly Import[] = readdirSync(SOURCES, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
  .flatMap((entry) => importsOf(relative(SOURCES, join(entry.parentPath, entry.name))));

function importsOf(file: string): Import[] {
  const text = readFileSync(join(SOURCES, file), 'utf8');
  const statements = text.matchAll(/^(?:import|export) (type )?(?:([^'";]*?) from )?'([^']+)';/gms);
  return [...statements].map(([, type, names = '', specifier = '']) => ({
    file,
    target: specifier.startsWith('.') ? posix.normalize(posix.join(dirname(file), specifier)) : specifier,
    typeOnly: type !== undefined || /^\{(?:\s*type [^,}]+,?)+\s*\}$/.test(names.trim()),
  }));
}

const folderOf = (path: string) => path.split('/')[0] as string;

/**
 * What each folder may import, values and types alike, besides itself and `lib`. Files at the top are folders of their own
 * here.
 */
const FORMATS = ['openai-api', 'anthropic-api', 'gemini-api'];
const CONTRACTS = ['keys', 'limits', 'meter', 'items', 'requests', 'providers'];
const MAY_USE: Readonly<Record<string, readonly string[]>> = {
  // What everybody uses and what uses nobody.
  lib: [],
  // Byte work, and what a request and an answer are.
  http: ['meter'],
  json: [],
  media: [],
  uploads: ['http'],
  upstream: [],
  'openai-api': ['json', 'media', 'uploads'],
  'anthropic-api': ['json', 'media', 'openai-api'],
  'gemini-api': ['media', 'openai-api'],
  // A contract each; they don't know each other, but for plain data.
  limits: [],
  keys: ['limits'],
  meter: [],
  items: [],
  requests: ['meter'],
  providers: ['json', 'media', 'uploads', ...FORMATS, 'upstream'],
  catalog: ['limits', 'meter', 'providers'],
  observe: ['http', 'upstream', 'requests'],
  hooks: ['openai-api', 'providers', 'upstream'],
  stores: CONTRACTS,
  // The stages, and what is built on them.
  pipeline: [...['http', 'json', 'openai-api', 'upstream', ...CONTRACTS], ...['catalog', 'observe', 'hooks']],
  management: ['upstream', ...CONTRACTS, 'stores', 'catalog', 'pipeline'],
  routes: [...['http', 'json', 'uploads', ...FORMATS, ...CONTRACTS], ...['catalog', 'hooks', 'pipeline', 'management']],
  config: [
    ...['openai-api', 'upstream', ...CONTRACTS, 'catalog', 'observe', 'hooks', 'stores'],
    ...['pipeline', 'management'],
  ],
  'host-calls.ts': ['http', 'management', 'routes'],
  'gateway.ts': ['http', 'pipeline', 'management', 'routes', 'config'],
  // Entry points of their own.
  catalogue: ['meter', 'catalog'],
  telemetry: ['http', 'observe', 'requests'],
  dashboard: ['http', 'json', 'openai-api', 'meter', 'management', 'gateway.ts'],
  admin: ['http', 'dashboard', 'management', 'gateway.ts'],
  stripe: ['http', 'openai-api', 'dashboard', 'management', 'gateway.ts'],
  'ai-sdk': ['media', 'openai-api', 'providers', 'upstream', 'pipeline', 'gateway.ts'],
  cli: ['management', 'gateway.ts'],
  testing: ['openai-api', ...CONTRACTS, 'upstream'],
  'client-types.ts': FORMATS,
  'index.ts': [
    ...['http', 'uploads', ...FORMATS, 'upstream', ...CONTRACTS, 'catalog', 'observe', 'hooks', 'stores'],
    ...['pipeline', 'management', 'routes', 'config', 'gateway.ts', 'client-types.ts'],
  ],
};

const own = everyImport.filter(({ target }) => target.endsWith('.js'));

test('every folder is listed', () => {
  expect([...new Set(own.map(({ file }) => folderOf(file)))].sort()).toEqual(Object.keys(MAY_USE).sort());
});

test.each(Object.entries(MAY_USE))('%s depends only on what is below it', (part, below) => {
  const used = own.filter(({ file }) => folderOf(file) === part);
  const allowed = [part, 'lib', ...below];
  expect(used.filter(({ target }) => !allowed.includes(sourceFolderOf(target)))).toEqual([]);
});

test('no folders depend on each other in a circle', () => {
  expect(circlesOf(new Map(Object.entries(MAY_USE)))).toEqual([]);
});

test('no files depend on each other in a circle, not even for types', () => {
  const graph = new Map<string, string[]>();
  for (const { file, target } of own) {
    graph.set(file, [...(graph.get(file) ?? []), target.replace(/\.js$/, '.ts')]);
  }
  expect(circlesOf(graph)).toEqual([]);
});

/** A top-level file under its own name. */
function sourceFolderOf(target: string): string {
  return folderOf(target).replace(/\.js$/, '.ts');
}

/** Nodes that can be reached from themselves, each group once. */
function circlesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];
  const visit = (node: string): void => {
    index.set(node, index.size);
    lowest.set(node, index.get(node) as number);
    open.push(node);
    for (const next of graph.get(node) ?? []) {
      if (next === node) circles.push([node]);
      if (!index.has(next)) visit(next);
      if (open.includes(next)) {
        lowest.set(node, Math.min(lowest.get(node) as number, lowest.get(next) as number));
      }
    }
    if (lowest.get(node) !== index.get(node)) return;
    const group = open.splice(open.indexOf(node));
    if (group.length > 1) circles.push(group);
  };
  for (const node of graph.keys()) if (!index.has(node)) visit(node);
  return circles;
}

test('nothing imports the command line', () => {
  const users = everyImport.filter(({ file, target }) => folderOf(target) === 'cli' && folderOf(file) !== 'cli');
  expect(users).toEqual([]);
});

test('node: modules are used only where the rest can run elsewhere', () => {
  const allowed = [
    /^http\/node/,
    /^upstream\//,
    /^media\//,
    /^uploads\//,
    /^json\/(utf8|text-scan)/,
    /^keys\//,
    /^testing\//,
    /^providers\/tenant-id\.ts$/,
    /^meter\/file-outbox\.ts$/,
    /^stores\/sqlite\//,
    /^cli\//,
  ];
  const strays = everyImport.filter(
    ({ file, target, typeOnly }) =>
      target.startsWith('node:') && !typeOnly && !allowed.some((pattern) => pattern.test(file)),
  );
  expect(strays).toEqual([]);
});

test('no framework and no driver is loaded by the package itself', () => {
  // Entry points of their own, for those who have the package that they are about.
  // The command line has its parser inside.
  const optional = /^(telemetry|cli|ai-sdk)\//;
  const loaded = everyImport.filter(
    ({ file, target, typeOnly }) =>
      !typeOnly && !target.startsWith('node:') && !target.endsWith('.js') && !optional.test(file),
  );
  expect([...new Set(loaded.map(({ target }) => target))].sort()).toEqual([
    '@fastify/busboy',
    'eventsource-parser',
    'lru-cache',
    'p-retry',
  ]);
});
