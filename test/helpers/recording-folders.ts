import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const OWN = join(REPOSITORY, 'test', 'recordings');

/** One file with recorded answers, and what EXPECTED.json says of each. */
export interface RecordedFile<Expected> {
  /** Path within its folder: `anthropic/text.json`. */
  readonly path: string;
  readonly text: string;
  readonly expected: readonly (Expected | null)[];
}

/**
 * The recorded files below a folder (`anthropic`, or all), sorted: those of this repository, then the larger set that may
 * lie in `shared/fixtures` beside it.
 */
export function recordedFiles<Expected>(below = ''): RecordedFile<Expected>[] {
  return recordingFolders().flatMap((folder) => {
    const { files } = JSON.parse(readFileSync(join(folder, 'EXPECTED.json'), 'utf8')) as {
      files: Record<string, (Expected | null)[]>;
    };
    return readdirSync(join(folder, below), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
      .filter((path) => path.includes('/'))
      .sort()
      .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8'), expected: files[path] ?? [] }));
  });
}

/** The text of one of this repository's recordings. */
export function ownRecording(path: string): string {
  return readFileSync(join(OWN, path), 'utf8');
}

/** The folder `shared` beside the repository (or beside the folder of its worktrees), when it is there. */
export function sharedFolder(): string | undefined {
  return ['../shared', '../../shared']
    .map((path) => join(REPOSITORY, path))
    .find((folder) => existsSync(join(folder, 'fixtures', 'EXPECTED.json')));
}

function recordingFolders(): string[] {
  const shared = sharedFolder();
  return shared === undefined ? [OWN] : [OWN, join(shared, 'fixtures')];
}
