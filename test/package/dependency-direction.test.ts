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

/** What each folder may import, besides itself; the order is that of docs/architecture.md. */
const FOUNDATION = ['lib', 'json', 'http'];
const FORMATS = ['openai-api', 'anthropic-api', 'gemini-api'];
const MAY_USE: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  json: ['lib', 'http'],
  http: ['lib', 'meter', 'upstream'],
  media: FOUNDATION,
  uploads: FOUNDATION,
  'openai-api': [...FOUNDATION, 'media', 'uploads'],
  'anthropic-api': [...FOUNDATION, 'media', 'openai-api'],
  'gemini-api': [...FOUNDATION, 'openai-api'],
  upstream: FOUNDATION,
  keys: [...FOUNDATION, 'stores'],
  limits: FOUNDATION,
  meter: FOUNDATION,
  items: FOUNDATION,
  requests: [...FOUNDATION, 'meter', 'observe'],
  observe: [...FOUNDATION, 'upstream', 'meter', 'requests'],
  telemetry: [...FOUNDATION, 'meter', 'requests', 'observe'],
  providers: [...FOUNDATION, 'media', 'uploads', ...FORMATS, 'upstream', 'catalog'],
  catalog: [...FOUNDATION, 'openai-api', 'meter', 'providers'],
  catalogue: ['lib', 'meter'],
  hooks: [...FOUNDATION, 'openai-api', 'providers', 'catalog'],
  pipeline: [
    ...FOUNDATION,
    'hooks',
    'observe',
    ...FORMATS,
    'upstream',
    'keys',
    'limits',
    'meter',
    'items',
    'catalog',
    'providers',
  ],
  routes: [
    'management',
    ...FOUNDATION,
    'uploads',
    ...FORMATS,
    'upstream',
    'pipeline',
    'keys',
    'limits',
    'meter',
    'items',
    'catalog',
    'providers',
  ],
};

test.each(Object.keys(MAY_USE))('%s depends only on what is below it', (part) => {
  const allowed = [part, ...(MAY_USE[part] as readonly string[])];
  const upward = everyImport.filter(
    ({ file, target, typeOnly }) =>
      folderOf(file) === part && !typeOnly && target.endsWith('.js') && !allowed.includes(folderOf(target)),
  );
  expect(upward).toEqual([]);
});

test('keys, limits, meter and providers know nothing of each other but plain data types', () => {
  const nouns = ['keys', 'limits', 'meter', 'providers'];
  const crossing = everyImport.filter(
    ({ file, target, typeOnly }) =>
      nouns.includes(folderOf(file)) &&
      nouns.includes(folderOf(target)) &&
      folderOf(file) !== folderOf(target) &&
      !typeOnly,
  );
  expect(crossing).toEqual([]);
});

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
