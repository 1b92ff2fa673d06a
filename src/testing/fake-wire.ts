import type { Gate } from './gate.js';

/** Whose wire format a request speaks. */
export type FakeProvider = 'openai' | 'anthropic' | 'google' | 'bedrock';

/** A function call of an answer. */
export interface FakeToolCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** @default by its position in the answer, so that later answers have the same; none at Gemini */
  readonly id?: string;
}

/** Tokens of an answer. */
export interface FakeUsage {
  readonly input: number;
  readonly output: number;
}

/** What a model says, before it is written in a provider's format. */
export interface FakeContent {
  readonly model: string;
  readonly pieces: readonly (string | Gate)[];
  readonly toolCalls: readonly FakeToolCall[];
  readonly thinking: string | undefined;
  readonly usage: FakeUsage;
  readonly finish: 'stop' | 'length';
  /** Whether an OpenAI stream ends with its usage. */
  readonly includeUsage: boolean;
}

/** One event of a stream, framed; bytes where the format is a binary one. */
export type FakeFrame = string | Uint8Array;

/** A stream: what opens it, its content with gates in place, and what ends it properly. */
export interface FakeFrames<Frame extends FakeFrame = FakeFrame> {
  readonly opening: readonly Frame[];
  readonly content: readonly (Frame | Gate)[];
  readonly terminal: readonly Frame[];
}

/** One provider's wire format. */
export interface FakeWire<Frame extends FakeFrame = FakeFrame> {
  whole(content: FakeContent): object;
  stream(content: FakeContent): FakeFrames<Frame>;
  error(status: number): object;
  /** Headers of an error answer. */
  errorHeaders?(status: number): Readonly<Record<string, string>>;
  /** The content type of a stream. @default 'text/event-stream; charset=utf-8' */
  readonly streamType?: string;
}

/** What answers are called. */
export const FAKE_ID = 'fake0000000000000000000001';

/** What the fake providers sign thoughts with. */
export const FAKE_SIGNATURES = {
  anthropic: 'ZmFrZS1hbnRocm9waWM=',
  google: 'ZmFrZS1nb29nbGU=',
  openai: 'gAAAAABmYWtlLW9wZW5haQ==',
} as const;
/** The text of every error of the fake providers. */
export const FAKE_ERROR = 'This is a scripted error.';

/** The whole text of an answer. */
export function textOf({ pieces }: FakeContent): string {
  return pieces.filter((piece) => typeof piece === 'string').join('');
}

/** Frames of the text, with its gates in place. */
export function framesOf<Frame extends FakeFrame>(
  pieces: FakeContent['pieces'],
  frame: (text: string) => Frame,
): (Frame | Gate)[] {
  return pieces.map((piece) => (typeof piece === 'string' ? frame(piece) : piece));
}

/** One event of a stream of JSON. */
export function dataFrame(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

/** The format of a route that has no streams. */
export function withoutStream(whole: FakeWire['whole'], error: FakeWire['error']): FakeWire {
  return { whole, error, stream: () => ({ opening: [], content: [], terminal: [] }) };
}
