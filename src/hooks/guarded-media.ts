import { isObject } from '../openai-api/field-checks.js';
import type { MediaRequest } from '../openai-api/media/media-request.js';
import type { MediaAnswer, MediaRoute, RouteCall } from '../providers/adapter.js';
import type { AnswerGuard } from './answer-guard.js';
import { GuardedTranscript } from './guarded-transcript.js';
import { Refusal } from './hook.js';
import { withheld, withoutRepeats } from './withheld.js';

/** Answers of media routes whose texts a hook sees: transcripts. Pictures, sound and verdicts pass. */
export function guardedMedia(media: MediaRoute, guard: AnswerGuard): MediaRoute {
  const { relay } = media;
  return {
    ...(media.paths && { paths: media.paths }),
    ...(relay && { relay: (call) => relay.call(media, call) }),
    async answer(call) {
      const answer = await media.answer(call);
      return isTranscript(call) ? guardTranscript(answer, guard) : answer;
    },
    async stream(call) {
      const stream = await media.stream(call);
      return isTranscript(call) ? { ...stream, batches: new GuardedTranscript(stream.batches, guard) } : stream;
    },
  };
}

function isTranscript({ request }: RouteCall<MediaRequest>): boolean {
  return request.path === 'audio/transcriptions' || request.path === 'audio/translations';
}

/** A transcript after its hook, in any of its formats. */
async function guardTranscript(answer: MediaAnswer, guard: AnswerGuard): Promise<MediaAnswer> {
  const { body, contentType, usage } = answer;
  const whole = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
  const json = /json/i.test(contentType) ? fieldsIn(whole) : undefined;
  const text = json === undefined ? whole : json['text'];
  if (typeof text !== 'string' || text === '') return answer;
  if (guard.mode === 'observe') {
    guard.show(text, 'text');
    return answer;
  }
  const made = await guard.ask(text, 'text');
  if (made instanceof Refusal) throw withheld(made, usage);
  if (made === text) return answer;
  const changed = json === undefined ? made : JSON.stringify({ ...withoutRepeats(json), text: made });
  return { ...answer, body: Buffer.from(changed) };
}

function fieldsIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
