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

/** Plain data and pure functions over it, for everybody: token counts, and the table of what model families can do. */
const VOCABULARY = ['meter/usage.js', 'catalog/model-families.js'];

const imports = everyImport.filter(({ target }) => !VOCABULARY.includes(target));

/** What each part of the inside may use at run time, beside itself; the order is that of the design. */
const DATA_STRUCTURES = ['id-table.js', 'linked-set.js', 'maybe-promise.js'];
const FOUNDATION = [...DATA_STRUCTURES, 'openai', 'upstream', 'exchange.js', 'errors.js', 'logger.js', 'mount-path.js'];
const MAY_USE: Readonly<Record<string, readonly string[]>> = {
  openai: ['errors.js', 'exchange.js'],
  upstream: [...DATA_STRUCTURES, 'errors.js', 'exchange.js'],
  keys: FOUNDATION,
  limits: FOUNDATION,
  meter: FOUNDATION,
  providers: FOUNDATION,
  catalog: [...FOUNDATION, 'meter', 'providers'],
  pipeline: [...FOUNDATION, 'keys', 'limits', 'meter', 'catalog', 'providers'],
  routes: [...FOUNDATION, 'pipeline', 'keys', 'limits', 'meter', 'catalog', 'providers'],
  adapters: [...FOUNDATION, 'web-exchange.js', 'stores'],
};

test.each(Object.keys(MAY_USE))('%s depends only on what is below it', (part) => {
  const allowed = [part, ...(MAY_USE[part] as readonly string[])];
  const upward = imports.filter(
    ({ file, target, typeOnly }) =>
      folderOf(file) === part && !typeOnly && target.endsWith('.js') && !allowed.includes(folderOf(target)),
  );
  expect(upward).toEqual([]);
});

test('keys, limits, meter and providers know nothing of each other but plain data types', () => {
  const nouns = ['keys', 'limits', 'meter', 'providers'];
  const crossing = imports.filter(
    ({ file, target, typeOnly }) =>
      nouns.includes(folderOf(file)) &&
      nouns.includes(folderOf(target)) &&
      folderOf(file) !== folderOf(target) &&
      !typeOnly,
  );
  expect(crossing).toEqual([]);
});

test('node: modules are used only where the rest can run elsewhere', () => {
  const allowed = [/^adapters\/node/, /^upstream\//, /^keys\//, /^testing\//, /^stores\/file-outbox\.ts$/];
  const strays = imports.filter(
    ({ file, target, typeOnly }) =>
      target.startsWith('node:') && !typeOnly && !allowed.some((pattern) => pattern.test(file)),
  );
  expect(strays).toEqual([]);
});

test('the shared vocabulary depends on nothing', () => {
  const files = VOCABULARY.map((file) => file.replace(/js$/, 'ts'));
  expect(everyImport.filter(({ file, typeOnly }) => files.includes(file) && !typeOnly)).toEqual([]);
});

test('no framework and no driver is loaded by the package itself', () => {
  const loaded = imports.filter(
    ({ file, target, typeOnly }) =>
      !typeOnly && !target.startsWith('node:') && !target.endsWith('.js') && !file.startsWith('dashboard/page/'),
  );
  expect([...new Set(loaded.map(({ target }) => target))].sort()).toEqual([
    'eventsource-parser',
    'lru-cache',
    'p-retry',
  ]);
});
