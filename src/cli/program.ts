import { Command, CommanderError } from 'commander';
import { GatewayError } from '../lib/errors.js';
import { addCommand, addGroup, type Io } from './command.js';
import { accounts } from './commands/accounts.js';
import { credits } from './commands/credits.js';
import { addInit } from './commands/init.js';
import { keys } from './commands/keys.js';
import { promo } from './commands/promo.js';
import { reports } from './commands/reports.js';
import { upkeep } from './commands/upkeep.js';
import { UsageError } from './load-gateway.js';
import { toJson } from './output.js';

const HELP = `
Commands work on the gateway of your app: a module that says
  export const gateway = createGateway({ … })

Begin with:
  $ metask-gateway init                             writes such a module
  $ metask-gateway doctor                           tries stores, credentials and models
  $ metask-gateway keys create user_1 --name laptop

Exit codes: 0 done, 1 refused or something is wrong, 2 called in the wrong way.`;

/** Runs one command line. Resolves with the exit code, and never rejects. */
export async function runCli(args: readonly string[], io: Omit<Io, 'exit'>): Promise<number> {
  let code = 0;
  const program = programFor({ ...io, exit: (given) => void (code = given) });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
    io.err(args.includes('--json') ? toJson({ error: errorOf(thrown) }) : errorOf(thrown).message);
    return thrown instanceof UsageError ? 2 : 1;
  }
}

/** What is said of a refusal: that of a gateway has a code, and the option that it is about. */
function errorOf(thrown: unknown): { code?: string; param?: string; message: string } {
  if (GatewayError.isInstance(thrown)) {
    const { code, param, message } = thrown;
    return { code, ...(param && { param }), message };
  }
  return { message: thrown instanceof Error ? thrown.message : String(thrown) };
}

function programFor(io: Io): Command {
  const program = new Command('metask-gateway')
    .description('Keys, accounts, money and health of your gateway, from the command line.')
    .version(io.version)
    .addHelpText('after', HELP);
  // Before the commands are added: they take these settings over.
  program.exitOverride().configureOutput({
    writeOut: (text) => io.out(text.trimEnd()),
    writeErr: (text) => io.err(text.trimEnd()),
  });
  program.showHelpAfterError('(add --help for what it takes)').showSuggestionAfterError();
  addInit(program, io);
  addGroup(program, 'keys', 'Make, list and revoke API keys.', keys, io);
  addGroup(program, 'accounts', 'Accounts and their plans.', accounts, io);
  addGroup(program, 'credits', 'Prepaid money of accounts.', credits, io);
  addGroup(program, 'promo', 'Promo codes.', promo, io);
  for (const spec of [...reports, ...upkeep]) addCommand(program, spec, io);
  return program;
}
