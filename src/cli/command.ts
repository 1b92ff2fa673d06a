import type { Command } from 'commander';
import type { Gateway } from '../gateway.js';
import { type Shown, toJson } from './output.js';

/** What commands get from outside; tests replace it. */
export interface Io {
  readonly cwd: string;
  /** Of the package. */
  readonly version: string;
  out(text: string): void;
  err(text: string): void;
  /** The app's gateway; `path` as given with `--gateway`. */
  load(path: string | undefined): Promise<Gateway>;
  /** Called with the exit code when it is not 0. */
  exit(code: number): void;
}

/** The options of one call by their names. */
export type Options = Readonly<Record<string, string | boolean | undefined>>;

/** What a command does: `args` in the order of its usage line. */
export type Action = (gateway: Gateway, args: readonly string[], options: Options) => Promise<Shown>;

/** One command on a gateway. */
export interface CommandSpec {
  /** `create <account>` */
  readonly usage: string;
  readonly description: string;
  /** Flags and what they mean; one with `(required)` must be given. */
  readonly options?: Readonly<Record<string, string>>;
  readonly examples: readonly string[];
  readonly action: Action;
}

/** Adds a command whose action works on the app's gateway, which is closed afterwards. */
export function addCommand(parent: Command, spec: CommandSpec, io: Io): Command {
  const command = parent.command(spec.usage).description(spec.description);
  for (const [flags, meaning] of Object.entries(spec.options ?? {})) {
    if (meaning.includes('(required)')) command.requiredOption(flags, meaning);
    else command.option(flags, meaning);
  }
  command
    .option(
      '-g, --gateway <file>',
      'module that exports your gateway (default: gateway.js or .ts here, in src, lib or dist)',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExamples:\n${spec.examples.map((line) => `  $ metask-gateway ${line}`).join('\n')}`)
    .action(async () => {
      const options = command.opts<Options>();
      const gateway = await io.load(options['gateway'] as string | undefined);
      try {
        const shown = await spec.action(gateway, command.args, options);
        io.out(options['json'] ? toJson(shown.value) : shown.text);
        if (shown.failed) io.exit(1);
      } finally {
        await gateway.close({ deadlineMs: 0 });
      }
    });
  return command;
}

/** A group of commands such as `keys`. */
export function addGroup(program: Command, name: string, description: string, specs: readonly CommandSpec[], io: Io) {
  const group = program.command(name).description(description);
  for (const spec of specs) addCommand(group, spec, io);
  return group;
}

/** A text option; undefined when it was not given. */
export function text(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/** `a,b` as a list. */
export function list(options: Options, name: string): string[] | undefined {
  return text(options, name)
    ?.split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** A number option. A value that is not a number is left to the gateway's own checks. */
export function number(options: Options, name: string): number | undefined {
  const value = text(options, name);
  return value === undefined ? undefined : Number(value);
}

/** Without the fields that are undefined. */
export function given<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
