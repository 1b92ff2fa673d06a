import { describe, expect, test } from 'vitest';
import { wav } from '../helpers/media-files.js';
import { type Site, site } from './hook-site.js';

const SECRET = 'sk-1234567890';
const price = { input: 1, output: 2, units: { input_second: '0.01', image: 1 } };
const models = { models: { openai: { provider: 'openai', price } } };
const redact = (text: string) => text.replaceAll(SECRET, '***');
const sse = (...events: object[]) => ({
  body: events.map((event) => `data: ${JSON.stringify(event)}\n\n`),
  headers: { 'content-type': 'text/event-stream' },
});

function ask(it: Site, fields: Readonly<Record<string, string>> = {}, path = 'audio/transcriptions') {
  const form = new FormData();
  form.append('model', 'openai');
  form.append('file', new File([new Uint8Array(wav(2))], 'a.wav', { type: 'audio/wav' }));
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return it.post(path, form);
}

describe.each(['transform', 'buffer'] as const)('%s sees transcripts', (mode) => {
  const hooks = [{ name: 'redact', answer: { mode, text: redact } }];

  test.each(['audio/transcriptions', 'audio/translations'])(
    'as JSON on %s, without what repeats them',
    async (path) => {
      const it = await site(hooks, models);
      const segments = [{ id: 0, text: SECRET }];
      it.upstream.answer({
        body: JSON.stringify({ text: `Key ${SECRET}.`, segments, words: [{ word: SECRET }], duration: 2 }),
      });
      const answer = await ask(it, { response_format: 'verbose_json' }, path);
      expect(JSON.parse(answer.text)).toEqual({ text: 'Key ***.', duration: 2 });
      expect((await it.used())?.['cost']).toBe('0.02');
    },
  );

  test('as text', async () => {
    const it = await site(hooks, models);
    it.upstream.answer({
      body: `1\n00:00:01,000 --> 00:00:02,000\nKey ${SECRET}.\n`,
      headers: { 'content-type': 'text/plain' },
    });
    expect((await ask(it, { response_format: 'srt' })).text).toContain('Key ***.');
  });

  test('as a stream', async () => {
    const it = await site(hooks, models);
    const usage = { type: 'duration', seconds: 2 };
    const events = [
      { type: 'transcript.text.delta', delta: 'Key sk-12345' },
      { type: 'transcript.text.delta', delta: '67890.' },
      { type: 'transcript.text.done', text: `Key ${SECRET}.`, usage },
    ];
    it.upstream.answer(sse(...events));
    const { text } = await ask(it, { stream: 'true' });
    expect(text).toContain('{"type":"transcript.text.delta","delta":"Key ***."}');
    expect(text).toContain(`{"type":"transcript.text.done","text":"Key ***.","usage":{"type":"duration","seconds":2}}`);
    expect(text).not.toMatch(/sk-1|67890/);
  });

  test('which pass as they came where nothing is changed', async () => {
    const it = await site(hooks, models);
    const body = '{"text": "Fine.","segments":[] }';
    it.upstream.answer({ body });
    expect((await ask(it)).text).toBe(body);
  });
});

describe('a transcript that is refused', () => {
  const hooks = [
    {
      name: 'no',
      answer: {
        mode: 'buffer' as const,
        text: (text: string, c: { refuse(code: string, message: string): never }) =>
          text.includes(SECRET) ? c.refuse('secret', 'Withheld.') : text,
      },
    },
  ];

  test('is an error that says so, and is charged', async () => {
    const it = await site(hooks as never, models);
    it.upstream.answer({ body: JSON.stringify({ text: SECRET, duration: 2 }) });
    const answer = await ask(it);
    expect(answer.status).toBe(400);
    expect(answer.json().error).toMatchObject({ code: 'secret', message: 'Withheld.' });
    expect((await it.used())?.['cost']).toBe('0.02');
    expect(it.upstream.requests).toHaveLength(1);
  });

  test('streamed, ends with that error', async () => {
    const it = await site(hooks as never, models);
    const done = { type: 'transcript.text.done', text: SECRET, usage: { type: 'duration', seconds: 2 } };
    it.upstream.answer(sse({ type: 'transcript.text.delta', delta: SECRET }, done));
    const { text } = await ask(it, { stream: 'true' });
    expect(text).toContain('Withheld.');
    expect(text).not.toContain(SECRET);
    expect((await it.used())?.['cost']).toBe('0.02');
  });
});

test('observe sees transcripts, whole and streamed', async () => {
  const seen: string[] = [];
  const it = await site([{ name: 'look', answer: { mode: 'observe', text: (text) => void seen.push(text) } }], models);
  it.upstream.answer(
    { body: '{"text":"Whole."}' },
    sse({ type: 'transcript.text.delta', delta: 'Streamed.' }, { type: 'transcript.text.done', text: 'Streamed.' }),
  );
  await ask(it);
  await ask(it, { stream: 'true' });
  expect(seen).toEqual(['Whole.', 'Streamed.']);
});

test('the fields of a form can be edited: what is sent, held and charged is the edited one', async () => {
  const it = await site(
    [{ name: 'edit', request: (c) => c.edit({ prompt: 'EDITED', language: 'de', temperature: undefined }) }],
    models,
  );
  it.upstream.answer({ body: '{"text":"Fine."}' });
  expect((await ask(it, { prompt: 'old', temperature: '0.5', 'include[]': 'logprobs' })).status).toBe(200);
  const { text } = await it.upstream.received();
  expect(text).toMatch(/name="prompt"\s+EDITED/);
  expect(text).toMatch(/name="language"\s+de/);
  expect(text).toMatch(/name="include\[\]"\s+logprobs/);
  expect(text).toMatch(/name="file"; filename="a.wav"/);
  expect(text).not.toMatch(/old|name="temperature"/);
});
