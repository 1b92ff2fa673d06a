import { describe, expect, test } from 'vitest';
import { blockWords, openaiModeration, redact } from '../../src/hooks/index.js';
import { createGateway, type Hook, openai } from '../../src/index.js';
import type { FakeAnswer } from '../../src/testing/index.js';
import { listen } from '../helpers/listen.js';
import { loggedErrors } from '../helpers/test-logger.js';
import { chat, open, PROVIDERS, readStream, site } from './hook-site.js';

/** The same question in the format of every route. */
const BODIES: Readonly<Record<string, object>> = {
  'chat/completions': chat('openai'),
  responses: { model: 'openai', input: 'Tell me.' },
  completions: { model: 'openai', prompt: 'Tell me.' },
  embeddings: { model: 'openai', input: 'Tell me.' },
  messages: { model: 'openai', max_tokens: 50, messages: [{ role: 'user', content: 'Tell me.' }] },
};
const ROUTES = Object.keys(BODIES);

describe('a hook for requests', () => {
  test.each(ROUTES)('sees and refuses on %s: nothing is sent, nothing is charged', async (route) => {
    const seen: object[] = [];
    const it = await site([
      {
        name: 'no',
        request(context) {
          const { identity, model, route: where } = context;
          seen.push({ identity, model, route: where, text: context.text(), frozen: Object.isFrozen(context.body) });
          return context.refuse('not_today', 'Not here.');
        },
      },
    ]);
    const answer = await it.post(route, BODIES[route] ?? {});
    expect(answer.status).toBe(400);
    expect(answer.json().error).toMatchObject({ message: 'Not here.' });
    if (route !== 'messages') expect(answer.json().error.code).toBe('not_today');
    expect(seen).toEqual([
      {
        identity: expect.objectContaining({ accountId: 'user_1', plan: 'free', tags: {} }),
        model: 'openai',
        route,
        text: 'Tell me.',
        frozen: true,
      },
    ]);
    expect(it.upstream.requests).toEqual([]);
    expect((await it.used())?.['cost'] ?? '0').toBe('0');
  });

  test.each(PROVIDERS)('an edit reaches %s, also where the body would have been relayed', async (model) => {
    const it = await site([
      {
        name: 'edit',
        request: (context) => context.edit({ messages: [{ role: 'user', content: 'EDITED' }], max_tokens: 33 }),
      },
    ]);
    for (const [route, body] of [
      ['chat/completions', chat(model)],
      ['chat/completions', chat(model, { stream: true })],
      ['responses', { model, input: 'Tell me.', instructions: 'Old.' }],
      ['messages', { model, max_tokens: 50, system: 'Old.', messages: [{ role: 'user', content: 'Tell me.' }] }],
    ] as const) {
      expect((await it.post(route, body)).status, route).toBe(200);
      const { text } = it.upstream.requests.at(-1) ?? { text: '' };
      expect(text, route).toContain('EDITED');
      expect(text, route).toContain('33');
      expect(text, route).not.toMatch(/Tell me|Old\./);
    }
  });

  test('texts are changed wherever they stand, on every route', async () => {
    const it = await site([{ name: 'upper', request: (context) => context.editText((text) => text.toUpperCase()) }]);
    for (const [route, body] of Object.entries(BODIES)) {
      expect((await it.post(route, body)).status, route).toBe(200);
      expect(it.upstream.requests.at(-1)?.text, route).toContain('TELL ME.');
    }
  });

  test('the edited request is what limits and money count', async () => {
    const content = 'x'.repeat(4_000);
    const it = await site([{ name: 'grow', request: (c) => c.edit({ messages: [{ role: 'user', content }] }) }], {
      plans: { free: { models: '*', limits: { tokensPerMinute: 500 } } },
    });
    expect((await it.post('chat/completions', chat('openai'))).json().error.code).toBe('tokens_exceed_limit');
  });

  test('hooks are asked in order, and each sees what the ones before it changed', async () => {
    const seen: string[] = [];
    const it = await site([
      { name: 'one', request: (context) => context.editText((text) => `${text} one`) },
      { name: 'two', request: (context) => context.editText((text) => `${text} two`) },
      { name: 'three', request: (context) => void seen.push(context.text()) },
    ]);
    await it.post('chat/completions', chat('openai'));
    expect(seen).toEqual(['Tell me. one two']);
  });

  test("without an edit the client's own bytes are sent", async () => {
    const it = await site([{ name: 'look', request: (context) => void context.text() }]);
    const body = chat('openai', { odd: { kept: [1, 2] } });
    await it.post('chat/completions', body);
    expect(it.upstream.requests[0]?.text).toBe(JSON.stringify(body));
  });

  test.each([
    ['hangs', () => new Promise<never>(() => {})],
    ['throws', () => Promise.reject(new Error('internal-host-7'))],
    ['edits the model', (context: Parameters<NonNullable<Hook['request']>>[0]) => context.edit({ model: 'other' })],
  ])('one that %s refuses by default, and lets pass where it says so', async (_name, request) => {
    const strict = await site([{ name: 'bad', request, timeoutMs: 20 }]);
    const refused = await strict.post('chat/completions', chat('openai'));
    expect(refused.status).toBe(503);
    expect(refused.text).not.toContain('internal-host');
    expect(strict.upstream.requests).toEqual([]);
    expect(loggedErrors()).toEqual(['a hook failed on a request']);
    const lenient = await site([{ name: 'bad', request, timeoutMs: 20, onError: 'pass' }]);
    expect((await lenient.post('chat/completions', chat('openai'))).status).toBe(200);
    expect(lenient.upstream.requests[0]?.model).toBe('openai');
    expect(loggedErrors()).toEqual(['a hook failed on a request']);
  });
});

describe('a hook for answers', () => {
  const SECRET = 'sk-1234567890';
  const answer = { mode: 'transform' as const, lookBehind: 64, text: (text: string) => text.replaceAll(SECRET, '***') };

  test.each(PROVIDERS)('transform removes a secret of %s that is cut at any point', async (model) => {
    const it = await site([{ name: 'redact', answer }]);
    const text = `Key: ${SECRET}, done.`;
    for (let at = 5; at <= 5 + SECRET.length; at += 1) {
      it.upstream.answer({ text: [text.slice(0, at), text.slice(at)] });
      const seen = readStream((await it.post('chat/completions', chat(model, { stream: true }))).text);
      expect(seen).toEqual({ content: 'Key: ***, done.', refusal: '', finish: ['stop'], done: true });
    }
    it.upstream.answer({ text: [...text] }, { text });
    const letters = readStream((await it.post('chat/completions', chat(model, { stream: true }))).text);
    expect(letters.content).toBe('Key: ***, done.');
    const whole = await it.post('chat/completions', chat(model));
    expect(whole.json().choices[0]?.message['content']).toBe('Key: ***, done.');
  });

  test.each([
    ['responses', BODIES['responses'] ?? {}],
    ['messages', BODIES['messages'] ?? {}],
    ['messages', { ...BODIES['messages'], model: 'anthropic' }],
    ['completions', BODIES['completions'] ?? {}],
  ])('on %s as well, whole and streamed', async (route, body) => {
    const it = await site([{ name: 'redact', answer }]);
    for (const stream of [false, true]) {
      it.upstream.answer({ text: ['Key: sk-12345', '67890, done.'] });
      const { status, text } = await it.post(route, { ...body, stream });
      expect(status).toBe(200);
      expect(text).toContain('***');
      expect(text).not.toMatch(/sk-1|67890/);
    }
  });

  test('buffer holds a stream back until it is complete; what is refused is charged and says so', async () => {
    const seen: string[] = [];
    const it = await site([
      {
        name: 'check',
        answer: {
          mode: 'buffer',
          text(text, context) {
            seen.push(text);
            return text.includes('bad') ? context.refuse('bad_words', 'This was withheld.') : text;
          },
        },
      },
    ]);
    const usage = { input: 7, output: 5 } as FakeAnswer['usage'];
    it.upstream.answer({ text: ['Some ', 'bad ', 'words'], ...(usage && { usage }) }, { text: ['Fine', ' words'] });
    const refused = readStream((await it.post('chat/completions', chat('openai', { stream: true }))).text);
    expect(refused).toEqual({ content: '', refusal: 'This was withheld.', finish: ['content_filter'], done: true });
    expect(Number((await it.used())?.['cost'])).toBeGreaterThan(0);
    const passed = readStream((await it.post('chat/completions', chat('openai', { stream: true }))).text);
    expect(passed).toMatchObject({ content: 'Fine words', finish: ['stop'] });
    expect(seen).toEqual(['Some bad words', 'Fine words']);
    it.upstream.answer({ text: 'Some bad words' });
    const whole = (await it.post('chat/completions', chat('anthropic'))).json().choices[0];
    expect(whole).toMatchObject({
      message: { content: null, refusal: 'This was withheld.' },
      finish_reason: 'content_filter',
    });
  });

  test('transform may refuse in the middle: what has not left does not', async () => {
    const it = await site([
      {
        name: 'check',
        answer: {
          mode: 'transform',
          lookBehind: 4,
          text: (text, c) => (text.includes('STOP') ? c.refuse('x', 'No.') : text),
        },
      },
    ]);
    it.upstream.answer({ text: ['Hello world', ' ST', 'OP never seen'] });
    const seen = readStream((await it.post('chat/completions', chat('openai', { stream: true }))).text);
    expect(seen).toMatchObject({ refusal: 'No.', finish: ['content_filter'], done: true });
    expect('Hello world ').toContain(seen.content);
    expect(Number((await it.used())?.['outputTokens'])).toBeGreaterThan(0);
  });

  test.each(['chat/completions', 'responses', 'messages', 'completions'])(
    'observe sees what passes on %s',
    async (route) => {
      const seen: string[] = [];
      const text = (part: string) => {
        seen.push(part);
        return 'changed';
      };
      const it = await site([{ name: 'observe', answer: { mode: 'observe', text } }]);
      for (const stream of [false, true]) {
        seen.length = 0;
        it.upstream.answer({ text: ['Hel', 'lo'] });
        const answered = await it.post(route, { ...BODIES[route], stream });
        expect(answered.text).not.toContain('changed');
        expect(seen.join('')).toBe('Hello');
      }
    },
  );

  test('one that hangs or throws refuses by default, and lets pass where it says so', async () => {
    for (const text of [() => new Promise<never>(() => {}), () => Promise.reject(new Error('no'))]) {
      const strict = await site([{ name: 'bad', timeoutMs: 20, answer: { mode: 'transform', text } }]);
      const refused = readStream((await strict.post('chat/completions', chat('openai', { stream: true }))).text);
      expect(refused).toMatchObject({ content: '', refusal: 'The answer could not be checked.', done: true });
      const lenient = await site([{ name: 'bad', timeoutMs: 20, onError: 'pass', answer: { mode: 'buffer', text } }]);
      lenient.upstream.answer({ text: ['Hel', 'lo'] });
      const passed = readStream((await lenient.post('chat/completions', chat('openai', { stream: true }))).text);
      expect(passed).toMatchObject({ content: 'Hello', finish: ['stop'], done: true });
      expect(loggedErrors()).toEqual(['a hook failed on an answer', 'a hook failed on an answer']);
    }
  });

  test('tool calls and their end pass', async () => {
    const it = await site([{ name: 'redact', answer }]);
    const call = { id: 'call_1', name: 'find', arguments: { q: 1 } };
    it.upstream.answer({ text: ['Let me see'], toolCalls: [call] });
    const { text } = await it.post('chat/completions', chat('openai', { stream: true }));
    expect(readStream(text)).toMatchObject({ content: 'Let me see', finish: ['tool_calls'] });
    expect(text).toContain('"find"');
    expect(text.indexOf('Let me see')).toBeLessThan(text.indexOf('"find"'));
  });
});

describe('ready hooks', () => {
  test('redact', async () => {
    const it = await site([redact([/\b\d{4}-\d{4}\b/, 'Ann'])]);
    it.upstream.answer({ text: ['Card 12', '34-5678 of An', 'n.'] });
    const seen = readStream((await it.post('chat/completions', chat('google', { stream: true }))).text);
    expect(seen.content).toBe('Card [redacted] of [redacted].');
    await it.post('chat/completions', { model: 'openai', messages: [{ role: 'user', content: 'I am Ann' }] });
    expect(it.upstream.requests.at(-1)?.text).toContain('I am [redacted]');
  });

  test('redact looks at each text by itself: its begin and end are those of the pattern', async () => {
    const it = await site([redact([/^secret$/, /key(?!\s)/, /\d+/y], { on: 'request' })]);
    const messages = ['Hello', 'secret', 'my key', 'No 1'].map((content) => ({ role: 'user', content }));
    await it.post('chat/completions', { model: 'openai', messages });
    const sent = JSON.parse(it.upstream.requests.at(-1)?.text ?? '') as { messages: { content: string }[] };
    expect(sent.messages.map(({ content }) => content)).toEqual([
      'Hello',
      '[redacted]',
      'my [redacted]',
      'No [redacted]',
    ]);
  });

  test('redact leaves the bytes of a request as they are where it finds nothing', async () => {
    const it = await site([redact(['secret'], { on: 'request' })]);
    const headers = { authorization: `Bearer ${it.key}`, 'content-type': 'application/json' };
    const body = '{ "model":"openai", "messages":[{"role":"user","content":"\\u00fc"}] }';
    await it.gateway.fetch(new Request('http://gateway/v1/chat/completions', { method: 'POST', headers, body }));
    expect(it.upstream.requests.at(-1)?.text).toContain('"\\u00fc"');
  });

  test('what is found everywhere is refused at the start, such as the last line of a list of words', () => {
    expect(() => blockWords(['bomb', ''])).toThrow('blockWords: words[1] is empty');
    expect(() => blockWords([' '])).toThrow('blockWords: words[0] is empty');
    expect(() => blockWords(['\u200b'])).toThrow('blockWords: words[0] is empty');
    expect(() => redact(['secret', ''])).toThrow('redact: patterns[1] matches the empty string');
    expect(() => redact([/x*/])).toThrow('redact: patterns[0] matches the empty string');
  });

  test('blockWords of a list with line ends of Windows', async () => {
    const it = await site([blockWords('bomb\r\ngun'.split('\n'))]);
    const messages = [{ role: 'user', content: 'a bomb' }];
    expect((await it.post('chat/completions', { model: 'openai', messages })).status).toBe(400);
  });

  test('blockWords', async () => {
    const it = await site([blockWords(['bomb', 'c++'])]);
    const ask = (content: string) =>
      it.post('chat/completions', { model: 'openai', messages: [{ role: 'user', content }] });
    expect((await ask('A BOMB!')).json().error.code).toBe('content_policy_violation');
    expect((await ask('learn c++ now')).status).toBe(400);
    expect((await ask('bombastic')).status).toBe(200);
    it.upstream.answer({ text: ['a bo', 'mb'] });
    const seen = readStream((await it.post('chat/completions', chat('openai', { stream: true }))).text);
    expect(seen).toMatchObject({ content: '', finish: ['content_filter'] });
  });

  test.each([
    ['wide letters', '\uff42\uff4f\uff4d\uff42'],
    ['a space without width', 'bo\u200bmb'],
    ['a soft hyphen', 'bo\u00admb'],
    ['one before it', 'the\u200bbomb'],
    ['an accent of its own', 'cafe\u0301'],
  ])('blockWords sees through %s', async (_, content) => {
    const it = await site([blockWords(['bomb', 'caf\u00e9'])]);
    const messages = [{ role: 'user', content }];
    expect((await it.post('chat/completions', { model: 'openai', messages })).status).toBe(400);
    it.upstream.answer({ text: [content] });
    const seen = readStream((await it.post('chat/completions', chat('openai', { stream: true }))).text);
    expect(seen).toMatchObject({ content: '', finish: ['content_filter'] });
  });

  test('openaiModeration', async () => {
    const asked: object[] = [];
    const server = await listen(async (request, response) => {
      let text = '';
      for await (const piece of request) text += String(piece);
      const body = JSON.parse(text) as { input: string };
      asked.push({ url: request.url, key: request.headers.authorization, ...body });
      const violence = body.input.includes('hurt');
      if (body.input.includes('down')) response.statusCode = 500;
      response.end(JSON.stringify({ results: [{ flagged: violence, categories: { violence } }] }));
    });
    open.push(server);
    const it = await site([openaiModeration({ apiKey: 'sk-mod', baseURL: `${server.origin}/v1` })]);
    const ask = (content: string) =>
      it.post('chat/completions', { model: 'openai', messages: [{ role: 'user', content }] });
    expect((await ask('hurt them')).json().error.code).toBe('content_policy_violation');
    expect(asked).toEqual([
      { url: '/v1/moderations', key: 'Bearer sk-mod', model: 'omni-moderation-latest', input: 'hurt them' },
    ]);
    it.upstream.answer({ text: 'I hurt you' });
    expect((await ask('fine')).json().choices[0]?.finish_reason).toBe('content_filter');
    expect((await ask('down')).status).toBe(503);
    expect(loggedErrors()).toEqual(['a hook failed on a request']);
  });
});

test('mistakes in hooks are found at the start', () => {
  const hooks = [
    { name: '', request: 1, answer: { mode: 'x', lookBehind: -1, lookbehind: 9 }, timeoutMs: 0, onError: 'x', odd: 1 },
  ];
  const options = {
    providers: { one: openai({ apiKey: 'sk-x' }) },
    models: { m: { provider: 'one', price: { input: 1, output: 1 } } },
    plans: { free: { models: '*' as const } },
  };
  let thrown = '';
  try {
    createGateway({ ...options, hooks: hooks as unknown as Hook[] });
  } catch (error) {
    thrown = String(error);
  }
  for (const name of [
    'name',
    'request',
    'answer.mode',
    'answer.text',
    'lookBehind',
    'lookbehind is not an option',
    'timeoutMs',
    'onError',
    'odd',
  ]) {
    expect(thrown).toContain(name);
  }
});
