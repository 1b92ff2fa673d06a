import { describe, expect, test } from 'vitest';
import type { Hook } from '../../src/index.js';
import { chat, type Site, site } from './hook-site.js';

const WORDS = 'word '.repeat(400);
const text: NonNullable<Hook['answer']>['text'] = (said, context) =>
  said.includes('STOP') ? context.refuse('stopped', 'No more.') : said;

/** Chunks of a provider that reports no usage. */
const chunk = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({
    ...{ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm' },
    choices: [{ index: 0, delta, finish_reason: finish }],
  })}\n\n`;
const silent = (...said: string[]) => [
  chunk({ role: 'assistant' }),
  ...said.map((content) => chunk({ content })),
  chunk({}, 'stop'),
  'data: [DONE]\n\n',
];

const outputOf = async (it: Site) => Number((await it.used())?.['outputTokens'] ?? 0);

describe('an answer that a hook refuses', () => {
  test.each(['transform', 'buffer'] as const)(
    '%s: is charged by the report of its provider, also of what came after',
    async (mode) => {
      const it = await site([{ name: 'stop', answer: { mode, lookBehind: 4, text } }]);
      it.upstream.answer({ text: ['Begin ', 'STOP', WORDS], usage: { input: 10, output: 777 } });
      const { text: body } = await it.post('chat/completions', chat('openai', { stream: true }));
      expect(body).toContain('content_filter');
      expect(body).not.toContain('word');
      expect(await outputOf(it)).toBe(777);
    },
  );

  test.each(['transform', 'buffer'] as const)(
    '%s: where the provider reports nothing, all that it made is charged and not what was delivered',
    async (mode) => {
      const passing = await site([]);
      passing.upstream.answer({ body: silent('Begin ', 'STOP', WORDS) });
      await passing.post('chat/completions', chat('compatible', { stream: true }));
      const made = await outputOf(passing);
      expect(made).toBeGreaterThan(400);
      const it = await site([{ name: 'stop', answer: { mode, lookBehind: 4, text } }]);
      it.upstream.answer({ body: silent('Begin ', 'STOP', WORDS) });
      await it.post('chat/completions', chat('compatible', { stream: true }));
      expect(await outputOf(it)).toBe(made);
    },
  );

  test('whole, without a report: all of it is charged', async () => {
    const body = JSON.stringify({
      ...{ id: 'c', object: 'chat.completion', created: 1, model: 'm' },
      choices: [{ index: 0, message: { role: 'assistant', content: `STOP ${WORDS}` }, finish_reason: 'stop' }],
    });
    const it = await site([{ name: 'stop', answer: { mode: 'buffer', text } }]);
    it.upstream.answer({ body });
    const answer = await it.post('chat/completions', chat('compatible'));
    expect(answer.json().choices[0]).toMatchObject({ finish_reason: 'content_filter' });
    expect(await outputOf(it)).toBeGreaterThan(400);
  });

  test.each([
    ['responses', { input: 'Hi' }],
    ['messages', { max_tokens: 4_000, messages: [{ role: 'user', content: 'Hi' }] }],
    ['models/compatible:streamGenerateContent?alt=sse', { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] }],
  ])('on %s as well', async (route, body) => {
    const it = await site([{ name: 'stop', answer: { mode: 'transform', lookBehind: 4, text } }]);
    it.upstream.answer({ body: silent('Begin ', 'STOP', WORDS) });
    const answer = await it.post(route, { model: 'compatible', stream: true, ...body });
    expect(answer.text).not.toContain('word');
    expect(await outputOf(it)).toBeGreaterThan(400);
  });
});
