import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The repository's folder. */
export const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const DIST = join(REPOSITORY, 'dist');
const LOCK = join(REPOSITORY, '.build-lock');
const STALE_LOCK_MS = 180_000;

/** Builds `dist`, unless it is newer than the sources; test files that need it at once wait for one build. */
export async function buildPackage(): Promise<void> {
  while (!lock()) await setTimeout(250);
  try {
    if (!isFresh()) await promisify(execFile)('npm', ['run', 'build'], { cwd: REPOSITORY, maxBuffer: 1e8 });
  } finally {
    rmSync(LOCK, { recursive: true, force: true });
  }
}

function lock(): boolean {
  try {
    mkdirSync(LOCK);
    return true;
  } catch {
    // A run that was killed left its lock behind.
    if (existsSync(LOCK) && Date.now() - statSync(LOCK).mtimeMs > STALE_LOCK_MS) rmSync(LOCK, { recursive: true });
    return false;
  }
}

function isFresh(): boolean {
  const last = join(DIST, 'testing.d.cts');
  if (!existsSync(last)) return false;
  const built = statSync(last).mtimeMs;
  const sources = readdirSync(join(REPOSITORY, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'page-assets.js')
    .map((entry) => join(entry.parentPath, entry.name));
  return [...sources, 'package.json', 'tsup.config.ts'].every(
    (file) => statSync(join(REPOSITORY, file.replace(REPOSITORY, ''))).mtimeMs < built,
  );
}
