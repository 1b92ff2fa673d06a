import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { png, wav } from '../helpers/media-files.js';
import { type MediaSite, mediaSite, type Received, type ScriptedAnswer } from '../routes/media/media-site.js';
import { runPython, whyNoPython } from './run-client.js';

const FREE = { input: 0, output: 0 };
const USAGE = { input_tokens: 10, output_tokens: 100, total_tokens: 110 };

let site: MediaSite;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'metask-media-'));
  writeFileSync(join(folder, 'speech.wav'), wav(2));
  writeFileSync(join(folder, 'cat.png'), png(4, 4));
  site = await mediaSite({
    'gpt-image-1': { price: { input: 5, output: 0, units: { output_image_token: { perMillion: 40 } } } },
    'tts-1': { price: { ...FREE, units: { character: '0.000015' } } },
    'whisper-1': { price: { ...FREE, units: { input_second: '0.0001' } } },
    'omni-moderation-latest': { price: FREE },
  });
  site.answer = answerTo;
});
afterAll(async () => {
  await site.close();
  await rm(folder, { recursive: true });
});

it('the official Python client sends files and buffers, and gets images, sound and streams', async (context) => {
  const why = whyNoPython();
  if (why) return context.skip(why);
  const files = [join(folder, 'speech.wav'), join(folder, 'cat.png')];
  const checked = await runPython('media_client.py', [`${site.origin}/v1`, site.key, ...files]);
  expect(checked.filter(({ error }) => error !== undefined)).toEqual([]);
  expect(checked).toHaveLength(11);
  // Three images of 100 tokens; two times five characters; four times two seconds.
  const cost = 3 * ((10 * 5 + 100 * 40) / 1e6) + 10 * 0.000015 + 8 * 0.0001;
  expect(10 - Number(await site.balance())).toBeCloseTo(cost, 9);
});

/** What OpenAI answers on each of the routes. */
function answerTo({ path, fields }: Received): ScriptedAnswer {
  const streams = fields['stream'] === true || fields['stream'] === 'true';
  switch (path) {
    case '/v1/images/generations':
    case '/v1/images/edits':
      return streams
        ? events(
            { type: 'image_generation.partial_image', b64_json: 'AA', partial_image_index: 0 },
            { type: 'image_generation.completed', b64_json: 'AAAA', usage: USAGE },
          )
        : { body: JSON.stringify({ created: 1, data: [{ b64_json: 'AAAA' }], usage: USAGE }) };
    case '/v1/audio/speech':
      return { type: 'audio/mpeg', body: 'some sound' };
    case '/v1/moderations':
      return { body: JSON.stringify({ id: 'm', model: 'omni', results: [{ flagged: false, categories: {} }] }) };
    default:
      return streams
        ? events({ type: 'transcript.text.delta', delta: 'Hello' }, { type: 'transcript.text.done', text: 'Hello' })
        : { body: JSON.stringify({ text: 'Hello' }) };
  }
}

function events(...list: readonly object[]): ScriptedAnswer {
  return { type: 'text/event-stream', body: list.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('') };
}
