import { describe, expect, test } from 'vitest';
import { PROVIDERS, type Site, site } from './hook-site.js';

/** Fields in chat form, with what each comes to at a provider. */
const FIELDS = {
  messages: [
    { role: 'system', content: 'Be EDITED.' },
    { role: 'user', content: 'EDITED' },
  ],
  max_tokens: 33,
  temperature: 0.25,
  stop: ['END'],
  tools: [
    {
      type: 'function',
      function: {
        name: 'look_up',
        description: 'Looks.',
        parameters: { type: 'object', properties: { q: { type: 'string' } } },
      },
    },
  ],
  tool_choice: { type: 'function', function: { name: 'look_up' } },
};
const OLD = 'the old words';
const ROUTES: Readonly<Record<string, (model: string) => readonly [route: string, body: object]>> = {
  'chat/completions': (model) => [
    'chat/completions',
    {
      model,
      temperature: 1,
      messages: [
        { role: 'system', content: OLD },
        { role: 'user', content: OLD },
      ],
    },
  ],
  responses: (model) => ['responses', { model, instructions: OLD, input: OLD, temperature: 1 }],
  messages: (model) => [
    'messages',
    { model, max_tokens: 50, system: OLD, temperature: 1, messages: [{ role: 'user', content: OLD }] },
  ],
  gemini: (model) => [
    `models/${model}:generateContent`,
    {
      systemInstruction: { parts: [{ text: OLD }] },
      generationConfig: { temperature: 1 },
      contents: [{ role: 'user', parts: [{ text: OLD }] }],
    },
  ],
  'gemini in snake case, streamed': (model) => [
    `models/${model}:streamGenerateContent`,
    {
      system_instruction: { parts: [{ text: OLD }] },
      generation_config: { temperature: 1, max_output_tokens: 50 },
      contents: [{ role: 'user', parts: [{ text: OLD }] }],
    },
  ],
};

const combinations = Object.keys(ROUTES).flatMap((route) => PROVIDERS.map((model) => [route, model] as const));

async function sent(it: Site, route: string, model: string): Promise<string> {
  const [path, body] = ROUTES[route]?.(model) ?? ['', {}];
  const answer = await it.post(path, body);
  expect(answer.status, answer.text).toBe(200);
  return (await it.upstream.received()).text;
}

describe('an edit in chat form reaches the provider', () => {
  test.each(combinations)('on %s of %s', async (route, model) => {
    const it = await site([{ name: 'edit', request: (context) => context.edit(FIELDS) }]);
    const text = await sent(it, route, model);
    for (const part of ['Be EDITED.', '"EDITED"', '33', '0.25', 'look_up', 'Looks.']) expect(text).toContain(part);
    if (route !== 'responses') expect(text).toContain('END');
    expect(text).not.toContain(OLD);
    expect(text.match(/look_up/g)?.length).toBeGreaterThan(1);
    expect(JSON.parse(text)).not.toHaveProperty('system_instruction');
  });

  test.each(combinations)('its schema for the answer on %s of %s', async (route, model) => {
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    };
    const response_format = { type: 'json_schema', json_schema: { name: 'place', schema } };
    const it = await site([{ name: 'edit', request: (context) => context.edit({ response_format }) }]);
    const text = await sent(it, route, model);
    expect(text).toContain('"city"');
    expect(text).toContain(OLD);
  });
});

test('a field of the route keeps its own name', async () => {
  const it = await site([{ name: 'edit', request: (context) => context.edit({ top_k: 7 }) }]);
  const [path, body] = ROUTES['messages']?.('anthropic') ?? ['', {}];
  await it.post(path, body);
  expect((await it.upstream.received()).body).toMatchObject({ top_k: 7 });
});
