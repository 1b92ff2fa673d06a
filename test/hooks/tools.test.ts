import { describe, expect, test } from 'vitest';
import { redact } from '../../src/hooks/index.js';
import type { Hook } from '../../src/index.js';
import { chat, site } from './hook-site.js';

const PATCH = { type: 'custom', custom: { name: 'patch' } };
const CALL = { name: 'patch', arguments: { input: '+ "SECRET"\n+ é' } };

const watch: Hook = { name: 'watch', answer: { mode: 'observe', text: () => undefined } };

test('a hook for answers does not change what tools a provider is sent', async () => {
  const it = await site([watch]);
  expect((await it.post('chat/completions', chat('openai', { tools: [PATCH] }))).status).toBe(200);
  expect(it.upstream.requests.at(-1)?.body).toMatchObject({ tools: [PATCH] });
});

test.each([/(?=x)/, /\b/, /(?<=a)/])('a match without a letter in it changes nothing: %s', (pattern) => {
  const { answer } = redact([pattern]);
  expect(answer?.text('a xx b', {} as never)).toBe('a xx b');
  expect(redact([/(?<=a)x*/]).answer?.text('axx a b', {} as never)).toBe('a[redacted] a b');
});

describe.each(['anthropic', 'google', 'compatible'])('calls of custom tools at %s', (model) => {
  test('are the same whole and streamed after a hook that changes them', async () => {
    const it = await site([redact(['SECRET'], { on: 'answer', lookBehind: 16 })]);
    const input = '+ "[redacted]"\n+ é';
    it.upstream.answer({ toolCalls: [CALL] });
    const whole = (await it.post('chat/completions', chat(model, { tools: [PATCH] }))).json();
    expect(whole.choices[0]?.message['tool_calls']).toMatchObject([{ custom: { name: 'patch', input } }]);
    it.upstream.answer({ toolCalls: [CALL] });
    const { text } = await it.post('chat/completions', chat(model, { tools: [PATCH], stream: true }));
    const said = [...text.matchAll(/^data: (\{.*)$/gm)].flatMap(([, data]) =>
      JSON.parse(String(data)).choices.flatMap(
        (choice: { delta: { tool_calls?: object[] } }) => choice.delta.tool_calls ?? [],
      ),
    );
    expect(said[0]).toMatchObject({ index: 0, type: 'custom', custom: { name: 'patch' } });
    expect(said.map((call) => call.custom.input ?? '').join('')).toBe(input);
    expect(text).not.toContain('SECRET');
  });
});
