import { bundle, Part } from '../processes.js';
import type { StartupReport } from '../subjects/startup.js';
import { SUBJECT_CORE } from '../subjects.js';
import { median, table } from '../table.js';

const KINDS = { empty: 'nothing', undici: "`import 'undici'` alone", gateway: '`import` and `createGateway`' } as const;

/** Time and memory of an import, in fresh processes of each kind in turn. */
export async function startup(isTiny: boolean): Promise<string> {
  const file = await bundle('subjects/startup');
  const reports = new Map<string, StartupReport[]>(Object.keys(KINDS).map((kind) => [kind, []]));
  for (let i = 0; i < (isTiny ? 1 : 15); i += 1) {
    for (const [kind, found] of reports) {
      const part = Part.launch(file, { args: [kind], core: SUBJECT_CORE });
      found.push((await part.answer()) as StartupReport);
      part.stop();
    }
  }
  const rows = [...reports].map(([kind, found]) => [
    KINDS[kind as keyof typeof KINDS],
    ...(['importMs', 'createMs', 'heapMB', 'addedHeapMB', 'rssMB'] as const).map((field) =>
      median(found.map((report) => report[field])).toFixed(1),
    ),
  ]);
  const head = ['In a fresh process', 'import, ms', 'createGateway, ms', 'heap, MB', 'added heap, MB', 'RSS, MB'];
  return `${table(head, rows)}\n\nMedians of 15 processes of each kind, in turn; targets for both together: 60 ms, 25 MB of heap. The heap holds what is garbage by then, too.`;
}
