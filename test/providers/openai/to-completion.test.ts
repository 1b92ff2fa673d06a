import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../../src/lib/errors.js';
import type { ChatCall } from '../../../src/providers/adapter.js';
import { openai } from '../../../src/providers/openai/index.js';
import { completionRelay } from '../../../src/providers/openai/to-completion.js';
import { UpstreamError } from '../../../src/upstream/upstream-error.js';
import { fakeCall, fakeTransport } from '../../helpers/fake-call.js';
import { recordings } from '../../helpers/recordings.js';
import { needsRecordings } from '../../helpers/shared.js';

const refuse = () => new UpstreamError('status', new GatewayError('upstream_error'));

function answer(content: string, fields: object = {}): string {
  return JSON.stringify({
    id: `chatcmpl-${content}`,
    object: 'chat.completion',
    created: 1_700_000_000,
    model: 'm-1',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content, refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: { prompt_tokens: content.length, completion_tokens: 2, total_tokens: content.length + 2 },
    ...fields,
  });
}

/** Reads answers one after the other as the provider does; tells which of them were parsed for it. */
function readAll(texts: readonly string[], calls: readonly ChatCall[] = texts.map(() => fakeCall({}))): boolean[] {
  const dialect = completionRelay(refuse);
  return texts.map((text, i) => {
    const call = calls[i] as ChatCall;
    if (dialect.relay(Buffer.from(text), call)) return false;
    dialect.toCompletion(JSON.parse(text), text, call);
    return true;
  });
}

describe('an answer like the one before', () => {
  test('is relayed without being parsed, with its own text, usage and value', () => {
    const dialect = completionRelay(refuse);
    const call = fakeCall({});
    const [first, second] = [answer('Hi'), answer('Hello "you"')] as const;
    dialect.toCompletion(JSON.parse(first), first, call);
    const relayed = dialect.relay(Buffer.from(second), call);
    expect(relayed?.text).toBe(second);
    expect(relayed?.usage).toMatchObject({ inputTokens: 11, outputTokens: 2, source: 'provider' });
    expect(relayed?.completion).toEqual(JSON.parse(second));
  });

  test('is looked for among those of the same model', () => {
    const [small, large] = [fakeCall({ model: 'small' }), fakeCall({ model: 'large' })];
    const other = { service_tier: 'default' };
    const texts = [answer('a'), answer('b', other), answer('c'), answer('d', other)];
    expect(readAll(texts, [small, large, small, large])).toEqual([true, true, false, false]);
  });
});

test('an example is taken again when answers change their shape, but not from ever changing ones', () => {
  const shapes = (count: number) => Array.from({ length: count }, (_, i) => answer('a', { [`field_${i}`]: 1 }));
  expect(readAll([...shapes(3), answer('b'), answer('c')])).toEqual([true, true, true, true, false]);
  expect(readAll([...shapes(9), answer('b'), answer('c')]).at(-1)).toBe(true);
});

test('an answer that had to be mended is no example', () => {
  const unmended = answer('a').replace('"refusal":null', '"refusal":null,"tool_calls":null');
  expect(readAll([unmended, unmended])).toEqual([true, true]);
});

test('whoever may copy an answer gets all of it as plain data', async () => {
  const text = answer('Hi');
  const transport = fakeTransport({ pieces: [Buffer.from(text)] });
  const provider = openai({ apiKey: 'sk-test' });
  for (let i = 0; i < 2; i += 1) {
    const copy = { ...(await provider.chat(fakeCall({ transport }))) };
    expect(copy).toMatchObject({ text, completion: JSON.parse(text) });
  }
});

describe('recorded answers', () => {
  const relayed = recordings()
    .filter(({ provider, stream, status }) => provider === 'openai' && !stream && status < 300)
    .filter(
      ({ body }) => completionRelay(refuse).toCompletion(JSON.parse(body), body, fakeCall({})).text !== undefined,
    );
  needsRecordings(relayed, test);

  test.each(relayed.map(({ name, body }) => [name, body]))('%s is like itself', (_, body) => {
    expect(readAll([body, body])).toEqual([true, false]);
  });
});
