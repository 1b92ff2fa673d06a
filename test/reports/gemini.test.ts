import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, chatAnswer, HI, type Json, type Reported, reported, stream, tool } from './reported.js';

let site: Reported;
beforeAll(async () => {
  site = await reported();
});
afterAll(() => site.close());

const parametersOf = (body: Json | undefined) =>
  at(body, 'tools.0.functionDeclarations.0.parametersJsonSchema') as Json;

describe.each(['gem', 'gem3'])('a schema for %s', (model) => {
  const schemaFor = async (parameters: object) => {
    const { sent, status } = await site.ask({ model, messages: [HI], tools: [tool('f', { parameters })] });
    expect(status).toBe(200);
    return parametersOf(sent[0]);
  };

  it('has no empty string among the values of an enumeration', async () => {
    const properties = {
      kind: { type: 'string', enum: ['', 'shell'] },
      x: { type: 'string', enum: [] },
      only: { type: 'string', enum: [''] },
      fixed: { const: '' },
      list: { type: 'array', items: { type: 'string', enum: ['', 'a'] } },
      either: { anyOf: [{ type: 'string', enum: ['', 'a'] }, { type: 'null' }] },
      nothing: { type: ['string', 'null'], enum: ['a', null] },
    };
    expect(await schemaFor({ type: 'object', properties })).toMatchObject({
      properties: {
        kind: { type: 'string', enum: ['shell'], description: 'May be an empty string.' },
        x: { type: 'string' },
        only: { type: 'string', description: 'May be an empty string.' },
        fixed: { type: 'string' },
        list: { items: { enum: ['a'] } },
        either: { anyOf: [{ enum: ['a'] }, { type: 'null' }] },
        nothing: { type: ['string', 'null'], enum: ['a'] },
      },
    });
  });

  it('has references to definitions of its root alone', async () => {
    const schema = await schemaFor({
      type: 'object',
      properties: {
        a: { type: 'array', items: { type: 'object', properties: { n: { type: 'number' } } } },
        b: { $ref: '#/properties/a/items', description: 'one of a' },
        c: { anyOf: [{ $ref: '#/$defs/Missing' }, { type: 'null' }] },
        d: { type: 'object', $defs: { Inner: { type: 'string' } }, properties: { e: { $ref: '#/$defs/Inner' } } },
        self: { $ref: '#' },
      },
    });
    expect(schema).toMatchObject({
      type: 'object',
      properties: {
        b: { type: 'object', properties: { n: { type: 'number' } }, description: 'one of a' },
        d: { properties: { e: { $ref: '#/$defs/Inner' } } },
      },
      $defs: { Inner: { type: 'string' } },
    });
    for (const reference of JSON.stringify(schema).matchAll(/"\$ref":"([^"]*)"/g)) {
      expect(Object.keys((schema['$defs'] as Json | undefined) ?? {})).toContain(reference[1]?.replace('#/$defs/', ''));
    }
  });

  it('has an object at its root where that was a reference, and keeps recursion', async () => {
    const Node = { type: 'object', properties: { next: { $ref: '#/definitions/Node' } } };
    expect(await schemaFor({ $ref: '#/definitions/Node', definitions: { Node } })).toEqual({
      type: 'object',
      properties: { next: { $ref: '#/$defs/Node' } },
      $defs: { Node: { type: 'object', properties: { next: { $ref: '#/$defs/Node' } } } },
    });
  });
});

describe('names of functions that Gemini refuses', () => {
  const messages = [
    HI,
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c1', type: 'function', function: { name: '3d_render', arguments: '{}' } }],
    },
    { role: 'tool', tool_call_id: 'c1', content: 'ok' },
  ];
  const answer = (name: string) => ({
    candidates: [{ content: { parts: [{ functionCall: { name, args: {} } }] }, finishReason: 'STOP' }],
  });

  it('are others in declarations, choice and history, and themselves in answers', async () => {
    const own = await reported();
    const wish = {
      model: 'gem',
      messages,
      tools: [tool('3d_render'), tool('x-y')],
      tool_choice: { type: 'function', function: { name: '3d_render' } },
    };
    own.answers(answer('_3d_render'));
    const { sent, body } = await own.ask(wish);
    expect(at(sent[0], 'tools.0.functionDeclarations.0.name')).toBe('_3d_render');
    expect(at(sent[0], 'tools.0.functionDeclarations.1.name')).toBe('x-y');
    expect(at(sent[0], 'toolConfig.functionCallingConfig.allowedFunctionNames')).toEqual(['_3d_render']);
    expect(at(sent[0], 'contents.1.parts.0.functionCall.name')).toBe('_3d_render');
    expect(at(sent[0], 'contents.2.parts.0.functionResponse.name')).toBe('_3d_render');
    expect(at(body, 'choices.0.message.tool_calls.0.function.name')).toBe('3d_render');
    own.answers(stream(answer('_3d_render')));
    const { events } = await own.ask({ ...wish, stream: true });
    expect(events.some((event) => at(event, 'choices.0.delta.tool_calls.0.function.name') === '3d_render')).toBe(true);
    await own.close();
  });
});

describe('files by URL', () => {
  it.each([{ filename: 'report.pdf' }, {}])('are fetched by the provider: %j', async (name) => {
    const url = 'https://files.example/report.pdf';
    const input = [
      {
        role: 'user',
        content: [
          { type: 'input_file', file_url: url, ...name },
          { type: 'input_text', text: 'sum up' },
        ],
      },
    ];
    const { sent } = await site.ask({ model: 'gem', input }, 'responses');
    expect(at(sent[0], 'contents.0.parts.0')).toEqual({ fileData: { fileUri: url, mimeType: 'application/pdf' } });
    const content = [{ type: 'file', file: { file_data: url, ...name } }];
    const chat = await site.ask({ model: 'gem', messages: [{ role: 'user', content }] });
    expect(at(chat.sent[0], 'contents.0.parts.0')).toEqual({ fileData: { fileUri: url, mimeType: 'application/pdf' } });
  });

  it('what is neither URL nor base64 is refused by name', async () => {
    const content = [{ type: 'file', file: { file_data: 'ftp://x y', filename: 'a.pdf' } }];
    const { status, body } = await site.ask({ model: 'gem', messages: [{ role: 'user', content }] });
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { param: 'messages[0].content[0].file.file_data' } });
  });
});

it('JSON output beside tools is asked for in words where the model refuses both', async () => {
  const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
  const wish = {
    messages: [HI],
    tools: [tool('f')],
    response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
  };
  const { sent, dropped } = await site.ask({ model: 'gem', ...wish });
  expect(at(sent[0], 'systemInstruction.parts.0.text')).toContain(JSON.stringify(schema));
  expect(sent[0]).not.toHaveProperty('generationConfig.responseMimeType');
  expect(dropped).toEqual(['response_format']);
  const newer = await site.ask({ model: 'gem3', ...wish });
  expect(newer.sent[0]).toMatchObject({ generationConfig: { responseMimeType: 'application/json' } });
  expect(newer.dropped).toEqual([]);
});

it('an effort that the model has no level for is the next higher one', async () => {
  const { sent } = await site.ask({ model: 'gem3', messages: [HI], reasoning_effort: 'medium' });
  expect(sent[0]).toMatchObject({ generationConfig: { thinkingConfig: { thinkingLevel: 'HIGH' } } });
});

describe('embeddings', () => {
  it('of more texts than Gemini takes at once are asked for in parts, in order', async () => {
    const own = await reported();
    const part = (from: number, count: number) => ({
      embeddings: Array.from({ length: count }, (_, index) => ({ values: [from + index] })),
      usageMetadata: { promptTokenCount: count },
    });
    own.answers(part(0, 100), part(100, 100), part(200, 50));
    const input = Array.from({ length: 250 }, (_, index) => `t${index}`);
    const { sent, body, status } = await own.ask({ model: 'gem-embed', input }, 'embeddings');
    expect(status).toBe(200);
    expect(sent.map(({ requests }) => (requests as unknown[]).length)).toEqual([100, 100, 50]);
    expect((body['data'] as { index: number; embedding: number[] }[]).map(({ index }) => index)).toEqual(
      input.map((_, index) => index),
    );
    expect(at(body, 'data.249.embedding')).toEqual([249]);
    expect(body['usage']).toEqual({ prompt_tokens: 250, total_tokens: 250 });
    expect(await own.lastUsage()).toMatchObject({ usage: { inputTokens: 250 } });
    own.answers(part(0, 100), {
      status: 400,
      body: '{"error":{"code":400,"message":"no","status":"INVALID_ARGUMENT"}}',
    });
    expect((await own.ask({ model: 'gem-embed', input }, 'embeddings')).status).toBe(400);
    await own.close();
  });

  it('belong to the text that they name', async () => {
    const own = await reported();
    const data = [
      { object: 'embedding', index: 1, embedding: [0.2] },
      { object: 'embedding', index: 0, embedding: [0.1] },
    ];
    const usage = { prompt_tokens: 2, total_tokens: 2 };
    for (const model of ['gpt', 'vllm']) {
      own.answers({ object: 'list', data, model: 'm', usage });
      const { body } = await own.ask({ model, input: ['a', 'b'] }, 'embeddings');
      expect(body['data']).toEqual([data[1], data[0]]);
      own.answers({ object: 'list', data: data.map((item) => ({ ...item, index: 0 })), model: 'm', usage });
      const unnamed = await own.ask({ model, input: ['a', 'b'] }, 'embeddings');
      expect(unnamed.body['data']).toMatchObject([
        { index: 0, embedding: [0.2] },
        { index: 1, embedding: [0.1] },
      ]);
    }
    await own.close();
  });

  it('are not asked for in an encoding from a copy of the API, whatever the client wants', async () => {
    const own = await reported();
    for (const encoding_format of ['base64', 'float']) {
      own.answers({
        object: 'list',
        data: [{ object: 'embedding', index: 0, embedding: [0.5] }],
        model: 'm',
        usage: { prompt_tokens: 1, total_tokens: 1 },
      });
      const { sent, body } = await own.ask({ model: 'vllm', input: 'a', encoding_format }, 'embeddings');
      expect(sent[0]).not.toHaveProperty('encoding_format');
      expect(at(body, 'data.0.embedding')).toEqual(encoding_format === 'float' ? [0.5] : 'AAAAPw==');
    }
    await own.close();
  });
});

it('every id of a chat answer begins as those of OpenAI, the own one readable behind it', async () => {
  const own = await reported();
  for (const model of ['gpt', 'claude', 'gem', 'groq', 'mistral', 'vllm']) {
    own.answers(chatAnswer());
    const { body } = await own.ask({ model, messages: [HI] });
    expect([model, body['id']]).toEqual([model, 'chatcmpl-a1']);
  }
  await own.close();
});
