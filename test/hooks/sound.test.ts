import { describe, expect, test } from 'vitest';
import { blockWords, redact } from '../../src/hooks/index.js';
import type { Hook } from '../../src/index.js';
import { chat, type Site, site } from './hook-site.js';

const ASKED = chat('openai', { modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'wav' } });
const USAGE = { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 };

function whole(transcript: string): string {
  const audio = { id: 'audio_1', expires_at: 1_800_000_000, data: 'UklGRg==', transcript };
  const message = { role: 'assistant', content: null, refusal: null, audio };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: 'stop' }];
  const completion = {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'openai',
    choices,
    usage: USAGE,
  };
  return JSON.stringify(completion);
}

/** Pieces as OpenAI sends them: the id, then transcript and sound by turns, then when it expires. */
function streamed(pieces: readonly string[]): string {
  const audio = [
    { id: 'audio_1', transcript: '' },
    ...pieces.flatMap((transcript, i) => [{ transcript }, { data: `UklGR${i}==` }]),
    { expires_at: 1_800_000_000 },
  ];
  const deltas: object[] = [{ role: 'assistant', content: null }, ...audio.map((piece) => ({ audio: piece }))];
  const chunk = (choices: object[], more: object = {}) =>
    `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'openai', choices, ...more })}\n\n`;
  const events = deltas.map((delta) => chunk([{ index: 0, delta, finish_reason: null }]));
  const end = chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]);
  return `${events.join('')}${end}${chunk([], { usage: USAGE })}data: [DONE]\n\n`;
}

interface Sound {
  readonly id?: string;
  readonly data?: string;
  readonly transcript?: string;
}

/** Asks for sound, whole or streamed. */
async function ask({ upstream, post }: Site, pieces: readonly string[], stream: boolean) {
  upstream.answer({ body: stream ? streamed(pieces) : whole(pieces.join('')) });
  const { text } = await post('chat/completions', { ...ASKED, stream });
  const answers = stream
    ? [...text.matchAll(/^data: (\{.*)$/gm)].map(([, data]) => JSON.parse(String(data)))
    : [JSON.parse(text)];
  const choices = answers.flatMap((answer) => answer.choices);
  const sounds: Sound[] = choices.map((choice) => (choice.delta ?? choice.message).audio).filter(Boolean);
  return {
    text,
    transcript: sounds.map(({ transcript = '' }) => transcript).join(''),
    data: sounds.map(({ data = '' }) => data).join(''),
    finish: choices.map((choice) => choice.finish_reason).filter(Boolean),
  };
}

const secret = redact(['4711-0815'], { on: 'answer' });
const blocked = blockWords(['forbidden'], { on: 'answer' });

describe.each([false, true])('the transcript of what a model says aloud (streamed: %j)', (stream) => {
  test('is redacted, and its sound is left out', async () => {
    const it = await site([secret]);
    const { text, transcript, data, finish } = await ask(it, ['My number is 47', '11-08', '15, goodbye.'], stream);
    expect({ transcript, data, finish }).toEqual({
      transcript: 'My number is [redacted], goodbye.',
      data: '',
      finish: ['stop'],
    });
    expect(text).not.toContain('UklGR');
  });

  test('is refused, and nothing of it leaves', async () => {
    const it = await site([blocked]);
    const { text, finish } = await ask(it, ['This is for', 'bidden.'], stream);
    expect(finish).toEqual(['content_filter']);
    expect(text).not.toMatch(/UklGR|bidden/);
    expect(await it.used()).toMatchObject({ requests: 1, inputTokens: 10, outputTokens: 10 });
  });

  test.each([
    ['transform', secret],
    ['buffer', blocked],
  ])('leaves with its sound as it came where a hook in %s changes nothing', async (_mode, hook) => {
    const it = await site([hook]);
    const { transcript, data, finish } = await ask(it, ['Hello', ', you.'], stream);
    expect({ transcript, data, finish }).toEqual({
      transcript: 'Hello, you.',
      data: stream ? 'UklGR0==UklGR1==' : 'UklGRg==',
      finish: ['stop'],
    });
  });

  test('is seen by a hook that observes', async () => {
    const seen: string[] = [];
    const observe: Hook = { name: 'see', answer: { mode: 'observe', text: (text) => void seen.push(text) } };
    const { data } = await ask(await site([observe]), ['Hello', ', you.'], stream);
    expect(seen.join('')).toBe('Hello, you.');
    expect(data).not.toBe('');
  });
});
