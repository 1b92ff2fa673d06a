import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestAPI } from 'vitest';

/** Why a test that needs the recordings is passed by on a machine without them. */
export const NO_RECORDINGS = 'the folder with recorded provider traffic (../shared) is not here';

/** The folder `shared` beside the repository (or beside the folder of its worktrees), when it is there. */
export function sharedFolder(): string | undefined {
  const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
  const candidates = [join(repository, '..', 'shared'), join(repository, '..', '..', 'shared')];
  return candidates.find((candidate) => existsSync(join(candidate, 'fixtures', 'EXPECTED.json')));
}

/**
 * Gives a suite that is made of recordings a test of its own: it is passed by, with the reason, on a machine without
 * the recordings, and fails when the folder is there and none was found.
 */
export function needsRecordings(found: readonly unknown[], test: TestAPI): void {
  test('has recordings', (context) => {
    if (sharedFolder() === undefined) context.skip(NO_RECORDINGS);
    if (found.length === 0) throw new Error('no recording was found for this suite');
  });
}
