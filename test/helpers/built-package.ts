import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The repository's folder. */
export const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const DIST = join(REPOSITORY, 'dist');
const LOCK = join(REPOSITORY, '.build-lock');

/** Builds `dist`, unless it is newer than the sources; test files that need it at once wait for one build. */
export async function buildPackage(): Promise<void> {
  while (!lock()) await setTimeout(250);
  try {
    if (!isFresh()) await promisify(execFile)('npm', ['run', 'build'], { cwd: REPOSITORY, maxBuffer: 1e8 });
  } finally {
    rmSync(LOCK, { force: true });
  }
}

function lock(): boolean {
  try {
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    // A run that was killed left its lock behind. A build may take any time: two at once would write the same files.
    if (existsSync(LOCK) && !isAlive(Number(readFileSync(LOCK, 'utf8')))) rmSync(LOCK, { force: true });
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
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
