import { expect, test } from 'vitest';
import type { Hook } from '../../src/index.js';
import { askHooks, withAnswerHooks } from '../../src/pipeline/hooks.js';
import type { Run } from '../../src/pipeline/run-state.js';
import type { ProviderAdapter } from '../../src/providers/adapter.js';
import { eventually } from '../helpers/eventually.js';
import { loggedErrors } from '../helpers/test-logger.js';
import { chat, readStream, site } from './hook-site.js';

const hang = () => new Promise<never>(() => {});
const MODES = ['observe', 'buffer', 'transform'] as const;

test.each(MODES)('a hook that hangs on answers in %s is ended by its limit, whole and streamed', async (mode) => {
  for (const onError of ['refuse', 'pass'] as const) {
    const it = await site([{ name: 'slow', timeoutMs: 5, onError, answer: { mode, text: hang } }]);
    const passes = mode === 'observe' || onError === 'pass';
    it.upstream.answer({ text: ['Hel', 'lo'] }, { text: 'Hello' });
    const seen = readStream((await it.post('chat/completions', chat('openai', { stream: true }))).text);
    expect(seen).toMatchObject({
      content: passes ? 'Hello' : '',
      finish: [passes ? 'stop' : 'content_filter'],
      done: true,
    });
    const whole = (await it.post('chat/completions', chat('openai'))).json().choices[0];
    expect(whole?.finish_reason).toBe(passes ? 'stop' : 'content_filter');
    const failed = (line: string) => line.includes('a hook failed on an answer');
    await eventually(() => it.log.filter(failed).length >= 2);
    expect(new Set(loggedErrors())).toEqual(new Set(['a hook failed on an answer']));
  }
});

test('in buffer, what repeats thoughts that were changed does not leave either', async () => {
  const secret = 'sk-1234567890';
  const text = (part: string) => part.replaceAll(secret, '***');
  for (const mode of ['buffer', 'transform'] as const) {
    const it = await site([{ name: 'redact', answer: { mode, lookBehind: 16, text } }]);
    it.upstream.answer({ thinking: `The key is ${secret}.`, text: 'Done.' });
    const { text: body } = await it.post(
      'chat/completions',
      chat('anthropic', { stream: true, reasoning_effort: 'low' }),
    );
    expect(body).toContain('***');
    expect(body).not.toContain(secret);
    expect(body).toContain('Done.');
  }
});

test('the part says what a text is', async () => {
  const seen: string[] = [];
  const note: NonNullable<Hook['answer']>['text'] = (text, { part }) => void seen.push(`${part}: ${text}`);
  for (const mode of MODES) {
    seen.length = 0;
    const it = await site([{ name: 'look', answer: { mode, text: note } }]);
    const toolCalls = [{ id: 'call_1', name: 'find', arguments: { q: 1 } }];
    it.upstream.answer({ thinking: 'Hm.', text: 'Let me see.', toolCalls });
    await it.post('chat/completions', chat('anthropic', { reasoning_effort: 'low' }));
    expect(seen).toEqual(['reasoning: Hm.', 'text: Let me see.', 'arguments: {"q":1}']);
  }
});

test('without hooks nothing is asked, wrapped or awaited', () => {
  const run = { runtime: { hooks: [] } } as unknown as Run;
  const adapter = { name: 'any' } as ProviderAdapter;
  expect(askHooks(run)).toBeUndefined();
  expect(withAnswerHooks(run, adapter)).toBe(adapter);
});
