import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { machine } from './machine.js';

const FILE = fileURLToPath(new URL('RESULTS.md', import.meta.url));
const HEADING = /^## /m;

/** What a run found. It is printed as it comes, and written section by section, so that a run that breaks off loses one. */
export class Results {
  readonly #isWritten: boolean;
  readonly #preamble: string | undefined;
  readonly #loadBefore = loadavg()[0] ?? 0;
  readonly #started = performance.now();
  readonly #sections = new Map<string, string>();
  readonly #notes: string[] = [];
  readonly #last: string;

  /**
   * @param options.isWritten false: prints alone.
   * @param options.isAddition true: keeps what stands above the sections of the last run.
   * @param options.keeps which sections of the last run stay until they are replaced.
   * @param options.last the section that stands below all others.
   */
  constructor(options: {
    readonly isWritten: boolean;
    readonly isAddition: boolean;
    readonly last: string;
    keeps(title: string): boolean;
  }) {
    this.#isWritten = options.isWritten;
    this.#last = options.last;
    const old = existsSync(FILE) ? readFileSync(FILE, 'utf8') : '';
    if (options.isAddition) this.#preamble = old.split(HEADING)[0]?.trim();
    for (const [title, text] of sectionsOf(old)) if (options.keeps(title)) this.#sections.set(title, text);
  }

  note(text: string): void {
    this.#notes.push(text);
    console.log(text);
  }

  say(title: string, text: string): void {
    console.log(`\n## ${title}\n\n${text}\n`);
    this.#sections.set(title, text);
    if (this.#isWritten) this.#write();
  }

  /** What the figures were measured on, and how long it took. */
  facts(): string {
    const minutes = ((performance.now() - this.#started) / 60_000).toFixed(1);
    return [...machine(this.#loadBefore), `${minutes} minutes in all.`, ...this.#notes]
      .map((fact) => `- ${fact}`)
      .join('\n');
  }

  /** Writes what is known of the whole run above its sections. */
  end(): void {
    console.log(this.facts());
    if (this.#isWritten) this.#write();
  }

  #write(): void {
    const isLast = ([title]: [string, string]) => Number(title === this.#last);
    const inOrder = [...this.#sections].sort((one, other) => isLast(one) - isLast(other));
    const sections = inOrder.map(([title, text]) => `## ${title}\n\n${text}`);
    const preamble = this.#preamble ?? `# Results of \`npm run bench\`\n\n${this.facts()}`;
    writeFileSync(FILE, `${[preamble, ...sections].join('\n\n')}\n`);
  }
}

function sectionsOf(text: string): [title: string, text: string][] {
  return text
    .split(HEADING)
    .slice(1)
    .map((section) => {
      const [title = '', ...rest] = section.split('\n');
      return [title, rest.join('\n').trim()];
    });
}
