import { describe, expect, it } from 'vitest';
import { type Answer, addUp, answerOf } from '../helpers/client-answer.js';
import { nativeStream } from '../helpers/native-stream.js';
import { RECORDED_ADAPTERS } from '../helpers/recorded-adapters.js';
import { type RecordedProvider, recordings } from '../helpers/recordings.js';
import { replayedGateway } from '../helpers/replayed-gateway.js';

const messages = [{ role: 'user' as const, content: 'Hello' }];
const gateway = replayedGateway();

describe.each(Object.keys(RECORDED_ADAPTERS) as RecordedProvider[])('an answer of %s', (provider) => {
  const model = `${provider}/0`;
  const whole = recordings().filter(
    (recording) => recording.provider === provider && recording.status === 200 && !recording.stream,
  );

  it('is recorded', () => {
    expect(whole.length).toBeGreaterThan(2);
  });

  for (const recording of whole) {
    it(`says the same whole and streamed: ${recording.name}`, async () => {
      gateway.upstream.play(recording);
      const completion = await gateway.client.chat.completions.create({ model, messages });
      const json = JSON.parse(recording.body) as Record<string, unknown>;
      gateway.upstream.play({
        headers: { 'content-type': 'text/event-stream' },
        body: nativeStream(provider, json),
      });
      const stream = await gateway.client.chat.completions.create({
        model,
        messages,
        stream: true,
        stream_options: { include_usage: true },
      });
      const chunks = [];
      for await (const chunk of stream) chunks.push(chunk);
      expect(withoutMadeUpIds(addUp(chunks))).toEqual(withoutMadeUpIds(answerOf(completion)));
    });
  }
});

/** Ids that the gateway had to make up differ each time. */
function withoutMadeUpIds(answer: Answer): Answer {
  const toolCalls = answer.toolCalls.map((call) => ({ ...call, id: call.id.replace(/^call_\w{16,}$/, 'call_') }));
  return { ...answer, toolCalls };
}
