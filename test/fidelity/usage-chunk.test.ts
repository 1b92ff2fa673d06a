import { describe, expect, it } from 'vitest';
import { RECORDED_ADAPTERS } from '../helpers/recorded-adapters.js';
import { recordings } from '../helpers/recordings.js';
import { replayedGateway } from '../helpers/replayed-gateway.js';

const gateway = replayedGateway();

describe.each(Object.keys(RECORDED_ADAPTERS))('the usage chunk on streams of %s', (provider) => {
  const streams = recordings().filter(
    ({ provider: from, stream, body, expected }) =>
      from === provider && stream && body !== '' && expected?.skip === undefined,
  );

  for (const recording of streams) {
    it(`comes last and alone when asked for: ${recording.name}`, async () => {
      gateway.upstream.play(recording);
      const events = await eventsOf(provider, { stream_options: { include_usage: true } });
      expect(events.at(-1)).toBe('[DONE]');
      const chunks = events.slice(0, -1).map((data) => JSON.parse(data));
      const last = chunks.pop();
      expect(last.choices).toEqual([]);
      expect(last.usage.total_tokens).toBe(last.usage.prompt_tokens + last.usage.completion_tokens);
      expect(last.id).toBe(chunks[0].id);
      for (const chunk of chunks) expect(chunk).toHaveProperty('usage', null);
    });

    it.each([{}, { stream_options: { include_usage: false } }, { stream_options: null }])(
      `is never sent unasked (%o): ${recording.name}`,
      async (options) => {
        gateway.upstream.play(recording);
        const events = await eventsOf(provider, options);
        expect(events.pop()).toBe('[DONE]');
        for (const data of events) expect(JSON.parse(data)).not.toHaveProperty('usage');
        if (provider === 'openai' || provider === 'compatible') {
          const asked = JSON.parse(gateway.upstream.seen[0]?.text ?? '');
          expect(asked.stream_options).toEqual({ include_usage: true });
        }
      },
    );
  }
});

/** The `data:` payloads of a stream, as they are on the wire; anything but data lines fails. */
async function eventsOf(provider: string, options: object): Promise<string[]> {
  const response = await fetch(`${gateway.url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: `${provider}/0`,
      messages: [{ role: 'user', content: 'Hello' }],
      stream: true,
      ...options,
    }),
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const frames = (await response.text()).split('\n\n');
  expect(frames.pop()).toBe('');
  return frames.map((frame) => {
    expect(frame).toMatch(/^data: [^\n]+$/);
    return frame.slice('data: '.length);
  });
}
