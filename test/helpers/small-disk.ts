import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unprivilegedUser } from './child-server.js';

/** A file system in memory that can be filled to its last byte. */
export interface SmallDisk {
  readonly folder: string;
  /** Leaves no room on it, or so many bytes. */
  fill(leave?: number): void;
  /** Makes room again. */
  free(): void;
  remove(): void;
}

/** One of so many megabytes that servers may write to; undefined where this process may not mount any. */
export function smallDisk(megabytes: number): SmallDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  const user = unprivilegedUser();
  if (user) chownSync(folder, user.uid, user.gid);
  const ballast = join(folder, 'ballast');
  return {
    folder,
    fill(leave = 0) {
      const { bavail, bsize } = statfsSync(folder);
      try {
        writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - leave)), { flag: 'a' });
      } catch (error) {
        // A server on it has written meanwhile: there is less room than was asked for.
        if ((error as { code?: unknown }).code !== 'ENOSPC') throw error;
      }
    },
    free: () => rmSync(ballast, { force: true }),
    remove() {
      // Lazily: libsql keeps files of closed connections open until they are collected.
      execFileSync('umount', ['-l', folder]);
      rmSync(folder, { recursive: true });
    },
  };
}

const STEP_BYTES = 524_288;
const MAX_STEPS = 400;

/**
 * Tries with more and more room on a disk, until there is enough.
 *
 * @param refused called with the error of each attempt that had too little.
 * @returns how many had.
 */
export async function withMoreAndMoreRoom(
  disk: SmallDisk,
  attempt: () => Promise<unknown>,
  refused: (error: unknown) => Promise<void>,
): Promise<number> {
  for (let failures = 0; failures < MAX_STEPS; failures++) {
    disk.free();
    disk.fill(failures * STEP_BYTES);
    try {
      await attempt();
      return failures;
    } catch (error) {
      await refused(error);
    }
  }
  throw new Error('it never succeeds');
}
