#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { loadGateway } from './load-gateway.js';
import { runCli } from './program.js';

const cwd = process.cwd();
const { version } = JSON.parse(readFileSync(new URL(import.meta.resolve('metask-gateway/package.json')), 'utf8')) as {
  version: string;
};

const code = await runCli(process.argv.slice(2), {
  cwd,
  version,
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  load: (path) => loadGateway(path, cwd),
});
// The app's module may hold pools and servers open. What was written to a pipe leaves first.
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
