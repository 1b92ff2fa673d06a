import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { type Compiled, compile } from './catalogue/compile.js';
import { differences } from './catalogue/differences.js';
import { type Facts, readFacts } from './catalogue/facts.js';
import { writeCatalogue } from './catalogue/write.js';

/** Rebuilds src/catalogue/data from lists of facts and prints what changed. */

interface Options {
  readonly facts?: string;
  readonly date: string;
  readonly confirmJumps: boolean;
  readonly dryRun: boolean;
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const command = new Command('npm run catalogue --')
  .description('Rebuilds the catalogue of models and prices from facts files and prints what changed.')
  .option(
    '--facts <folder>',
    'where prices-*.json and models-*.json are (default: data of the folder shared beside this one)',
  )
  .option('--date <day>', 'the day up to which the facts were followed', new Date().toISOString().slice(0, 10))
  .option('--confirm-jumps', 'accept prices that moved by more than a factor of 3', false)
  .option('--dry-run', 'print what would change and write nothing', false)
  .parse();
const options = command.opts<Options>();

const usual = [join(root, '../shared/data'), join(root, '../../shared/data')];
const folder = options.facts ?? usual.find(existsSync);
if (folder === undefined) throw command.error('error: no folder of facts; name one with --facts');
if (Number.isNaN(Date.parse(`${options.date}T00:00:00Z`)))
  command.error(`error: --date ${options.date} is not YYYY-MM-DD`);

const before = await catalogueBefore();
const after = compile(factsIn(folder), options.date, before);
const { lines, jumps } = differences(before, after);
const counts = Object.entries(after).map(([provider, models]) => `${provider} ${Object.keys(models).length}`);

console.log(lines.length > 0 ? lines.join('\n') : 'nothing changed');
console.log(`${counts.join(' · ')}; ${lines.length} differences`);
if (jumps.length > 0 && !options.confirmJumps) {
  console.error(`\n${jumps.length} prices moved by more than a factor of 3:\n${jumps.join('\n')}`);
  console.error('Check them at the provider, then run again with --confirm-jumps. Nothing was written.');
  process.exitCode = 1;
} else if (!options.dryRun) {
  writeCatalogue(root, options.date, after);
}

function factsIn(folder: string): Facts {
  try {
    return readFacts(folder);
  } catch (thrown) {
    return command.error(`error: ${(thrown as Error).message}`);
  }
}

/** The catalogue as it stands; empty before the first run. */
async function catalogueBefore(): Promise<Compiled> {
  const file = join(root, 'src/catalogue/data/index.ts');
  if (!existsSync(file)) return {};
  const { PROVIDERS } = (await import(pathToFileURL(file).href)) as { PROVIDERS: Compiled };
  return PROVIDERS;
}
