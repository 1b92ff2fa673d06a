import { GatewayError, type GatewayErrorCode } from '../../src/lib/errors.js';
import { describeSymbol } from './describe-symbol.js';
import type { EntryPoint } from './read-entry-points.js';

/** What a reader looks for first; the rest of an entry point follows by name. */
const FIRST = ['createGateway', 'GatewayOptions', 'Gateway'];

/** The page: entry points with all they export, then the errors. */
export function renderReference(entryPoints: readonly EntryPoint[], codes: readonly GatewayErrorCode[]): string {
  const contents = entryPoints.map(({ name }) => `- [\`${name}\`](#${anchorOf(name)})`);
  const sections = entryPoints.map(({ name, symbols }) => {
    const first = FIRST.flatMap((wanted) => symbols.filter((symbol) => symbol.name === wanted));
    const rest = symbols.filter((symbol) => !FIRST.includes(symbol.name));
    return [`## ${name}`, ...[...first, ...rest].map(describeSymbol)].join('\n\n');
  });
  return `${[
    '# Reference',
    'Every option, method, event and error, made from the types by `npm run reference`. A `?` marks what may be left out.',
    [...contents, '- [Errors](#errors)'].join('\n'),
    ...sections,
    '## Errors',
    'What clients receive, and what methods of a gateway throw as `GatewayError`. [Errors](errors.md) says when.',
    errorTable(codes),
  ].join('\n\n')}\n`;
}

/** As code hosts make them: lower case, without punctuation. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll(/[^\w-]/g, '');
}

function errorTable(codes: readonly GatewayErrorCode[]): string {
  const rows = codes.map((code) => {
    const { status, type, message } = new GatewayError(code);
    return `| ${status} | \`${code}\` | \`${type}\` | ${message} |`;
  });
  return ['| status | code | type | text |', '|---|---|---|---|', ...rows].join('\n');
}
