import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Gateway } from '../../src/index.js';

/**
 * The demo's key: the one of the start before while it is valid, else a new one.
 *
 * @param file where it is kept, beside the demo's database. An app never keeps keys: it shows them once.
 */
export async function keptKey(gateway: Gateway, file: string): Promise<string> {
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { id: string; key: string }) : undefined;
  const keys = await gateway.keys.list('demo');
  if (kept && keys.some(({ id, revokedAt }) => id === kept.id && revokedAt === null)) return kept.key;
  const { key, record } = await gateway.keys.create({ accountId: 'demo', name: 'npm start' });
  writeFileSync(file, JSON.stringify({ id: record.id, key }), { mode: 0o600 });
  return key;
}
