import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Gateway } from '../gateway.js';

/** A mistake in how a command was called; the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const NAMES = ['gateway.js', 'gateway.mjs', 'gateway.cjs', 'gateway.ts', 'gateway.mts'];
const FOLDERS = ['.', 'src', 'lib', 'dist'];

/**
 * Imports the module that makes the app's gateway.
 *
 * @param path as given with `--gateway`; undefined: the first of the usual places.
 * @throws {UsageError} when there is no such module, or it has no gateway.
 * @throws {Error} that names the module, when it throws.
 */
export async function loadGateway(path: string | undefined, cwd: string): Promise<Gateway> {
  const file = path === undefined ? usualPlace(cwd) : resolve(cwd, path);
  if (!existsSync(file)) throw new UsageError(`There is no file ${file}.`);
  const module = await importModule(file);
  const inner = module['default'] as Record<string, unknown> | undefined;
  const gateway = [module['gateway'], inner?.['gateway'], inner].find(isGateway);
  if (!gateway) {
    throw new UsageError(`${file} exports no gateway. It should say: export const gateway = createGateway({ … })`);
  }
  return gateway;
}

function usualPlace(cwd: string): string {
  const found = FOLDERS.flatMap((folder) => NAMES.map((name) => resolve(cwd, folder, name))).find(existsSync);
  if (found) return found;
  throw new UsageError(
    'No gateway.js or gateway.ts here. Name the module that exports your gateway with --gateway, or make one with `metask-gateway init`.',
  );
}

async function importModule(file: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (thrown) {
    if ((thrown as { code?: string }).code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw notImported(file, thrown);
    throw new UsageError(
      `This Node.js does not read TypeScript. Use Node.js 22.18 or newer, or: npx tsx node_modules/metask-gateway/dist/cli.js …`,
    );
  }
}

function notImported(file: string, thrown: unknown): Error {
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new Error(`${file} could not be imported: ${reason}`, { cause: thrown });
}

/** By its methods: the module may have its own copy of the package. */
function isGateway(value: unknown): value is Gateway {
  const methods = ['handle', 'close'] as const;
  const candidate = value as Partial<Gateway> | null | undefined;
  return (
    typeof candidate === 'object' && candidate !== null && methods.every((m) => typeof candidate[m] === 'function')
  );
}
