import { expect, test } from 'vitest';
import { GatewayError } from '../../../src/lib/errors.js';
import { openai } from '../../../src/providers/openai/index.js';
import { relayCompletion } from '../../../src/providers/openai/to-completion.js';
import { UpstreamError } from '../../../src/upstream/upstream-error.js';
import { fakeCall, fakeTransport } from '../../helpers/fake-call.js';
import { recordings } from '../../helpers/recordings.js';

const refuse = () => new UpstreamError('status', new GatewayError('upstream_error'));
const read = (text: string) => relayCompletion(JSON.parse(text), text, fakeCall({}), refuse);

const ANSWER = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'm-1',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'Hi', refusal: null },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: { prompt_tokens: 11, completion_tokens: 2, total_tokens: 13 },
});

test('an answer by the schema is relayed with its own text', () => {
  expect(read(ANSWER)).toMatchObject({
    text: ANSWER,
    completion: JSON.parse(ANSWER),
    usage: { inputTokens: 11, outputTokens: 2, source: 'provider' },
  });
});

test('an answer that strays from the schema is written anew', () => {
  const { text, completion } = read(ANSWER.replace('"refusal":null', '"tool_calls":null'));
  expect(text).toBeUndefined();
  expect(completion).toEqual(JSON.parse(ANSWER));
});

test('an answer is plain data: it may be copied', async () => {
  const transport = fakeTransport({ pieces: [Buffer.from(ANSWER)] });
  const copy = { ...(await openai({ apiKey: 'sk-test' }).chat(fakeCall({ transport }))) };
  expect(copy).toMatchObject({ text: ANSWER, completion: JSON.parse(ANSWER) });
});

const relayed = recordings().filter(({ provider, stream, status }) => provider === 'openai' && !stream && status < 300);

test.each(relayed.map(({ name, body }) => [name, body]))('%s is read as what it says', (_, body) => {
  const { text, completion } = read(body);
  expect(text === undefined || JSON.parse(text)).toEqual(text === undefined || completion);
});
