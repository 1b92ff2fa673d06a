import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for temporary files that this test file has to itself. */
export interface OwnTempFolder {
  /** The folders of uploads that are in it. */
  uploads(): string[];
  remove(): void;
}

/** Makes one, and makes it the folder that `tmpdir()` names in this process and in those that it starts. */
export function ownTempFolder(): OwnTempFolder {
  const before = process.env['TMPDIR'];
  const folder = mkdtempSync(join(tmpdir(), 'metask-test-'));
  process.env['TMPDIR'] = folder;
  return {
    uploads: () => readdirSync(folder).filter((name) => name.startsWith('metask-upload-')),
    remove() {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
