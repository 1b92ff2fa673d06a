import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Why a test that needs the recordings is passed by on a machine without them. */
export const NO_RECORDINGS = 'the folder with recorded provider traffic (../shared) is not here';

/** The folder `shared` beside the repository (or beside the folder of its worktrees), when it is there. */
export function sharedFolder(): string | undefined {
  const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
  const candidates = [join(repository, '..', 'shared'), join(repository, '..', '..', 'shared')];
  return candidates.find((candidate) => existsSync(join(candidate, 'fixtures', 'EXPECTED.json')));
}
