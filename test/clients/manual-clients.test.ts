import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('the script of the clients that are run by hand starts its gateway, and prints the head of the table', () => {
  const script = fileURLToPath(new URL('manual-clients.ts', import.meta.url));
  const printed = execFileSync(process.execPath, ['--import', 'tsx', script, 'no-such-client'], { encoding: 'utf8' });
  expect(printed).toContain('| Client | Route | What was run | OpenAI | Anthropic | Gemini |');
});
