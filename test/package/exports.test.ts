import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import tsup from '../../tsup.config.js';
import { REPOSITORY } from '../helpers/built-package.js';

const manifest = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));
const { entry } = tsup as { entry: Record<string, string> };

test('the package has these entry points', () => {
  expect(Object.keys(manifest.exports)).toEqual([
    '.',
    './node',
    './express',
    './fastify',
    './next',
    './sqlite',
    './postgres',
    './redis',
    './vertex',
    './bedrock',
    './hooks',
    './ai-sdk',
    './dashboard',
    './stripe',
    './admin',
    './catalogue',
    './opentelemetry',
    './prometheus',
    './testing',
    './package.json',
  ]);
});

/** What a route that runs in the edge runtime of Next.js imports first. */
const ADVISED = ['index', 'next', 'dashboard'];

test.each(Object.keys(entry))('%s is built from a source that exists, for both module systems with types', (name) => {
  expect(existsSync(join(REPOSITORY, entry[name] as string))).toBe(true);
  expect(manifest.exports[name === 'index' ? '.' : `./${name}`]).toEqual({
    ...(ADVISED.includes(name) && { 'edge-light': './dist/edge.cjs' }),
    import: { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
    require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
  });
});

test('every entry point is built', () => {
  const published = Object.keys(manifest.exports).filter((name) => name !== './package.json');
  expect(published.map((name) => (name === '.' ? 'index' : name.slice(2))).sort()).toEqual(Object.keys(entry).sort());
});

test('at most three packages are installed with it, and nothing runs at installation', () => {
  expect(Object.keys(manifest.dependencies).length).toBeLessThanOrEqual(3);
  for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) {
    expect(manifest.scripts).not.toHaveProperty(script);
  }
});

test('frameworks and drivers are optional', () => {
  for (const name of Object.keys(manifest.peerDependencies)) {
    expect(manifest.peerDependenciesMeta[name]).toEqual({ optional: true });
  }
});

test('the examples resolve every entry point to its source', () => {
  const text = readFileSync(join(REPOSITORY, 'tsconfig.json'), 'utf8');
  for (const [name, source] of Object.entries(entry)) {
    const specifier = name === 'index' ? 'metask-gateway' : `metask-gateway/${name}`;
    expect(text).toContain(`"${specifier}": ["./${source}"]`);
  }
});
