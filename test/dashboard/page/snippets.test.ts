import { execFileSync } from 'node:child_process';
import { transformSync } from 'esbuild';
import { expect, test } from 'vitest';
import { CHAT_LANGUAGES, MORE_LANGUAGES, snippet } from '../../../dashboard-page/quickstart/snippets.js';

const CHAT = {
  baseURL: 'https://ai.example/v1',
  model: 'gpt-4o',
  messages: [
    { role: 'system', content: 'Don\'t say "no" or `$HOME`.\nBe brief.' },
    { role: 'user', content: "It's 10 °C: \\ ok? </pre>" },
  ],
  temperature: 0.2,
  maxTokens: 64,
} as const;

test('curl sends the chat as it stands, whatever quotes it holds', () => {
  const body = bodyOfCurl(snippet('curl', CHAT));
  expect(JSON.parse(body)).toEqual({
    model: 'gpt-4o',
    messages: CHAT.messages,
    temperature: 0.2,
    max_tokens: 64,
  });
});

test.each(['node', 'ai-sdk'] as const)('%s is a script with the same messages', (language) => {
  const code = snippet(language, CHAT);
  transformSync(code, { format: 'esm' });
  const messages = /messages: (\[.*?\n {2}\])/s.exec(code)?.[1] ?? '';
  expect(new Function(`return ${messages}`)()).toEqual(CHAT.messages);
  expect(code).toContain('temperature: 0.2');
});

test('python has the same messages', () => {
  const code = snippet('python', CHAT);
  for (const { content } of CHAT.messages) expect(code).toContain(JSON.stringify(content));
  expect(code).toMatch(/temperature=0\.2,\n\s+max_tokens=64,/);
});

test.each(CHAT_LANGUAGES)('%s begins with a greeting where nothing was asked yet', (language) => {
  const code = snippet(language, { baseURL: '/v1', model: 'gpt-4o' });
  expect(code).toContain('Hello!');
  expect(code).not.toMatch(/temperature|undefined/);
});

test.each(MORE_LANGUAGES)('%s gets the base URL and the model', (language) => {
  const code = snippet(language, { baseURL: 'https://ai.example/v1', model: 'gpt-4o' });
  expect(code).toContain('gpt-4o');
  // Claude Code adds `/v1` itself.
  expect(code).toMatch(language === 'claude-code' ? /https:\/\/ai\.example$/m : /https:\/\/ai\.example\/v1\b/);
  expect(code).toContain('GATEWAY_API_KEY');
});

/** What a shell makes of the word after `-d`. */
function bodyOfCurl(code: string): string {
  const word = code.slice(code.indexOf('-d ') + 3);
  return execFileSync('sh', ['-c', `printf %s ${word}`], { encoding: 'utf8' });
}
