import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anthropic, google, openai, openaiCompatible } from '../../src/index.js';
import { bedrock } from '../../src/providers/bedrock/index.js';
import { vertex } from '../../src/providers/vertex/index.js';
import { type RawUpstream, rawUpstream } from '../helpers/raw-upstream.js';
import { type TestGateway, testGateway } from '../helpers/test-gateway.js';
import { CREDENTIALS, REGION } from '../providers/bedrock/bedrock-server.js';
import { LOCATION, PROJECT, TOKEN } from '../providers/vertex/vertex-server.js';

let upstream: RawUpstream;
let site: TestGateway;
beforeAll(async () => {
  upstream = await rawUpstream(() => ({ status: 400, body: { error: { message: 'That was all.' } } }));
  const { url } = upstream;
  const price = { input: 1, cachedInput: 1, cacheWrite: 1, output: 2 };
  site = await testGateway({
    providers: {
      openai: openai({ apiKey: 'k', baseURL: `${url}/v1` }),
      copy: openaiCompatible({ name: 'copy', apiKey: 'k', baseURL: `${url}/v1` }),
      anthropic: anthropic({ apiKey: 'k', baseURL: url }),
      google: google({ apiKey: 'k', baseURL: `${url}/v1beta` }),
      bedrock: bedrock({ region: REGION, baseURL: url, credentials: CREDENTIALS }),
      vertex: vertex({ project: PROJECT, location: LOCATION, baseURL: url, token: TOKEN }),
    },
    models: {
      'gpt-4o-mini': { provider: 'openai', price },
      'text-embedding-3-small': { provider: 'openai', price },
      qwen: { provider: 'copy', price },
      'claude-sonnet-4-5': { provider: 'anthropic', price },
      'gemini-2.5-flash': { provider: 'google', price },
      'bedrock-claude': { provider: 'bedrock', model: 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0', price },
      'vertex-claude': { provider: 'vertex', model: 'claude-sonnet-4-5@20250929', price },
    },
  });
});
afterAll(async () => {
  await site.close();
  await upstream.close();
});

/** Reads JSON as some parsers do: the first of equal keys counts. */
function readFirst(text: string): unknown {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  let at = 0;
  const value = (): unknown => {
    const token = tokens[at++] as string;
    if (token === '[') {
      const list: unknown[] = [];
      while (tokens[at] !== ']') {
        list.push(value());
        if (tokens[at] === ',') at += 1;
      }
      at += 1;
      return list;
    }
    if (token !== '{') return JSON.parse(token);
    const members = new Map<string, unknown>();
    while (tokens[at] !== '}') {
      const name = JSON.parse(tokens[at] as string) as string;
      at += 2;
      const member = value();
      if (!members.has(name)) members.set(name, member);
      if (tokens[at] === ',') at += 1;
    }
    at += 1;
    return Object.fromEntries(members);
  };
  return value();
}

async function sent(path: string, body: string): Promise<string> {
  const before = upstream.requests.length;
  const answer = await site.post(path, body, { authorization: `Bearer ${site.key}` });
  await answer.text();
  expect(upstream.requests).toHaveLength(before + 1);
  return upstream.requests.at(-1)?.text ?? '';
}

const LONG = 'word '.repeat(8_000);
/** Two of one key, of which the gateway reads the second. `FIRST` must not be what a provider reads. */
const PART = (first: string) => [
  `"type":"text","text":"${first}","text":"last"`,
  `"type":"text","t\\u0065xt":"${first}","text":"last"`,
];
const TOOL = '"name":"f","description":"FIRST","description":"last"';

const chat = (model: string, message: string, more = '') =>
  `{"model":"${model}","max_tokens":16${more},"messages":[{${message}}]}`;
const contents = (part: string, more = '') => `{"contents":[{"role":"user","parts":[{${part}}]}]${more}}`;
const asked = '"role":"user","content":"last"';
const schema = '{"type":"object","properties":{"a":{"type":"string","type":"number"}},"title":"FIRST","title":"last"}';

const CHATS = ['gpt-4o-mini', 'qwen'].flatMap((model): [string, string][] => [
  ['v1/chat/completions', chat(model, `"role":"user","content":"FIRST","content":"last"`)],
  ['v1/chat/completions', chat(model, `"role":"user","content":"FIRST${LONG}","content":"last"`)],
  ['v1/chat/completions', chat(model, `"role":"user","content":"FIRST","content":"last${LONG}"`)],
  ['v1/chat/completions', chat(model, `"role":"user","cont\\u0065nt":"FIRST","content":"last"`)],
  ...PART('FIRST').map((part): [string, string] => [
    'v1/chat/completions',
    chat(model, `"role":"user","content":[{${part}}]`),
  ]),
  [
    'v1/chat/completions',
    chat(model, asked, `,"tools":[{"type":"function","function":{${TOOL},"parameters":${schema}}}]`),
  ],
  ['v1/chat/completions', chat(model, asked, `,"response_format":{"type":"json_object","type":"text"}`)],
  [
    'v1/chat/completions',
    chat(model, asked, `,"stream":true,"stream_options":{"include_usage":false,"include_usage":true}`),
  ],
]);
const MESSAGES = ['claude-sonnet-4-5', 'bedrock-claude', 'vertex-claude'].flatMap((model): [string, string][] => [
  ['v1/messages', chat(model, `"role":"user","content":"FIRST","content":"last"`)],
  ['v1/messages', chat(model, `"role":"user","content":"FIRST${LONG}","content":"last"`)],
  ['v1/messages', chat(model, `"role":"user","content":"FIRST","content":"last${LONG}"`)],
  ...PART('FIRST').map((part): [string, string] => ['v1/messages', chat(model, `"role":"user","content":[{${part}}]`)]),
  ['v1/messages', chat(model, asked, `,"tools":[{${TOOL},"input_schema":${schema}}]`)],
  ['v1/messages', chat(model, asked, `,"system":[{"type":"text","text":"FIRST","text":"last"}]`)],
  ['v1/messages', chat(model, asked, `,"thinking":{"type":"enabled","type":"disabled"}`)],
  [
    'v1/messages',
    chat(
      model,
      asked,
      `,"stream":true,"tool_choice":{"type":"any","type":"auto"},"tools":[{${TOOL},"input_schema":${schema}}]`,
    ),
  ],
]);
const GEMINI = ['generateContent', 'streamGenerateContent?alt=sse'].flatMap((verb): [string, string][] => {
  const path = `v1beta/models/gemini-2.5-flash:${verb}`;
  return [
    [path, contents('"text":"FIRST","text":"last"')],
    [path, contents(`"text":"FIRST","text":"last${LONG}"`)],
    [path, contents('"t\\u0065xt":"FIRST","text":"last"')],
    [path, contents('"text":"last"', ',"generationConfig":{"maxOutputTokens":60000,"maxOutputTokens":16}')],
    [
      path,
      contents(
        '"text":"last"',
        ',"generationConfig":{"maxOutputTokens":16,"thinkingConfig":{"thinkingBudget":9000,"thinkingBudget":0}}',
      ),
    ],
    [path, contents('"text":"last"', `,"tools":[{"functionDeclarations":[{${TOOL},"parameters":${schema}}]}]`)],
    [path, contents('"text":"last"', ',"systemInstruction":{"parts":[{"text":"FIRST","text":"last"}]}')],
  ];
});
const OTHERS: [string, string][] = [
  [
    'v1/responses',
    `{"model":"gpt-4o-mini","max_output_tokens":16,"input":[{"role":"user","content":"FIRST","content":"last"}]}`,
  ],
  [
    'v1/responses',
    `{"model":"gpt-4o-mini","max_output_tokens":16,"input":"last","tools":[{"type":"function",${TOOL},"parameters":${schema}}]}`,
  ],
  ['v1/embeddings', `{"model":"text-embedding-3-small","input":["FIRST"],"input":["last"]}`],
  ['v1/completions', `{"model":"qwen","max_tokens":16,"prompt":"FIRST","prompt":"last"}`],
];

describe('a provider that takes the first of two equal keys', () => {
  test.each([...CHATS, ...MESSAGES, ...GEMINI, ...OTHERS])(
    'reads what the gateway has read: %s (%#)',
    async (path, body) => {
      const text = await sent(path, body);
      expect(text).not.toContain('FIRST');
      expect(readFirst(text)).toEqual(JSON.parse(text));
    },
  );

  test.each([
    [
      'v1/chat/completions',
      chat(
        'gpt-4o-mini',
        '"content":[{"text":"\\u4f60 \\"text\\":","type":"text"}],  "role":"user"',
        ',"temperature":0.50',
      ),
    ],
    [
      'v1/messages',
      chat(
        'claude-sonnet-4-5',
        '"content":[{"text":"\\u00fc \\"text\\":","type":"text"}],  "role":"user"',
        ',"temperature":0.50',
      ),
    ],
    [
      'v1beta/models/gemini-2.5-flash:generateContent',
      contents('"text":"\\u00fc \\"text\\":"', ',  "generationConfig":{"maxOutputTokens":16,"temperature":0.50}'),
    ],
  ])('but other requests keep their very bytes: %s', async (path, body) => {
    expect(await sent(path, body)).toBe(body);
  });
});
