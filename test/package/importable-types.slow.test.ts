import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPackage } from '../../scripts/reference/read-entry-points.js';
import { unexportedTypes } from '../../scripts/reference/unexported-types.js';
import { REPOSITORY } from '../helpers/built-package.js';

test('whatever type a public signature uses can be imported', { timeout: 120_000 }, () => {
  const { entryPoints, checker } = readPackage(REPOSITORY);
  const names = entryPoints.flatMap(({ symbols }) => symbols.map(({ name }) => name));
  expect(names).toEqual(expect.arrayContaining(['createGateway', 'MediaRoute', 'SentSize', 'RouteSizes']));
  expect(unexportedTypes(entryPoints, checker, (file) => file.startsWith(join(REPOSITORY, 'src')))).toEqual([]);
});

test('one that can not be is found, with what uses it', { timeout: 120_000 }, () => {
  const { entryPoints, checker } = readPackage(REPOSITORY);
  const without = entryPoints.map(({ name, symbols }) => ({
    name,
    symbols: symbols.filter((symbol) => symbol.name !== 'SentSize'),
  }));
  const found = unexportedTypes(without, checker, (file) => file.startsWith(join(REPOSITORY, 'src')));
  expect(found).toEqual([{ name: 'SentSize', usedBy: expect.any(String) }]);
});
