import { NO_USAGE, type Usage } from '../../lib/usage.js';
import { SoundClock } from '../../media/sound-clock.js';
import { aNumber, aString, bodyFields, checkFields, fieldChecks, required, word, wrongType } from '../field-checks.js';
import { textSize } from '../input-size.js';
import type { MediaRequest } from './media-request.js';

/** Source: the OpenAI API reference, `CreateSpeechRequest`: at most 4,096 characters; more is the provider's to refuse. */
const MAX_INPUT = 100_000;

const CHECKS = fieldChecks({
  instructions: aString(MAX_INPUT),
  response_format: aString(16),
  speed: aNumber(0.25, 4),
  stream_format: word,
});

/**
 * The most audio tokens of a character, spoken at a quarter of the speed. A minute of sound is 1,250 tokens
 * (platform.openai.com, pricing of `gpt-4o-mini-tts`), and no more than 100 characters pass as slowly as in 30 seconds.
 */
const AUDIO_TOKENS_PER_CHARACTER = 7;
/** What instructions may make a model speak, however little there is to say: thirteen minutes. */
const MOST_AUDIO_TOKENS = 16_384;
/** Rounded up; the same source. */
const AUDIO_TOKENS_PER_SECOND = 21;
/** Two seconds: the shortest word has a breath before and after it. */
const LEAST_AUDIO_TOKENS = 40;

/** Sound that a provider makes of a request: it has no report, but a time. */
export class SpokenSound {
  readonly #request: MediaRequest;
  readonly #clock: SoundClock;

  constructor(request: MediaRequest) {
    this.#request = request;
    this.#clock = new SoundClock(request.fields.find(([name]) => name === 'response_format')?.[1]);
  }

  add(bytes: Uint8Array): void {
    this.#clock.add(bytes);
  }

  /** What all of it has used; undefined where its format does not say how long it is. */
  get usage(): Usage | undefined {
    const { seconds } = this.#clock;
    if (seconds === undefined) return undefined;
    const { inputTokens } = this.#request.use.tokens;
    const output_audio_token = Math.ceil(seconds * AUDIO_TOKENS_PER_SECOND);
    return { ...NO_USAGE, inputTokens, source: 'estimated', units: { output_audio_token } };
  }
}

/** What a whole answer has used; undefined for what is no speech, and where it does not say how long it is. */
export function spokenUsage(request: MediaRequest, body: string | Uint8Array): Usage | undefined {
  if (request.path !== 'audio/speech' || typeof body === 'string') return undefined;
  const sound = new SpokenSound(request);
  sound.add(body);
  return sound.usage;
}

/** Reads the body of `POST /audio/speech`. @throws {GatewayError} that names the wrong field. */
export function parseSpeech(body: unknown): MediaRequest {
  const fields = bodyFields(body);
  required(fields, 'input', aString(MAX_INPUT), '');
  const { voice } = fields;
  if (voice !== undefined && typeof voice !== 'string' && (typeof voice !== 'object' || voice === null))
    throw wrongType('voice', 'a string or an object');
  checkFields(fields, CHECKS, '');
  const input = fields['input'] as string;
  const instructions = typeof fields['instructions'] === 'string' ? fields['instructions'] : '';
  const characters = [...input].length;
  const spoken = LEAST_AUDIO_TOKENS + characters * AUDIO_TOKENS_PER_CHARACTER;
  return {
    path: 'audio/speech',
    model: fields['model'] as string,
    stream: fields['stream_format'] === 'sse',
    fields: Object.entries(fields),
    files: undefined,
    use: {
      units: { character: characters },
      tokens: {
        inputTokens: textSize(input + instructions).maxTokens,
        outputTokens: 0,
        units: { output_audio_token: instructions === '' ? spoken : Math.max(spoken, MOST_AUDIO_TOKENS) },
      },
    },
  };
}
