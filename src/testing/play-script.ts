import type { ServerResponse } from 'node:http';
import type { FakeAnswer, FakeRequest } from './fake-answer.js';
import type { FakeContent, FakeFrame, FakeWire } from './fake-wire.js';
import type { Gate } from './gate.js';

/** Gives a scripted answer, up to the moment where the script or the caller ends it. */
export async function playScript(
  script: FakeAnswer,
  request: FakeRequest,
  wire: FakeWire,
  res: ServerResponse,
): Promise<void> {
  const gone = request.ended;
  const steps = stepsOf(script, request, wire);
  await Promise.race([Promise.all([script.before?.pass(), pause(script.firstByteDelayMs)]), gone]);
  if (res.destroyed) return;
  res.writeHead(script.status ?? 200, { ...headersOf(script, request, wire), ...script.headers });
  res.flushHeaders();
  let pieces = 0;
  let room = script.resetAfterBytes ?? Number.POSITIVE_INFINITY;
  for (const step of steps) {
    if (pieces === script.stallAfter) await gone;
    if (isGate(step)) {
      await Promise.race([step.pass(), gone]);
      continue;
    }
    if (pieces++ > 0) await Promise.race([pause(script.chunkDelayMs), gone]);
    if (res.destroyed) return;
    const bytes = Buffer.from(step);
    await write(res, bytes.subarray(0, room));
    room -= bytes.byteLength;
    if (room <= 0) break;
  }
  if (script.resetAfterBytes !== undefined) res.socket?.resetAndDestroy();
  else if (pieces === script.stallAfter) await gone;
  else res.end();
}

function stepsOf(script: FakeAnswer, request: FakeRequest, wire: FakeWire): readonly (FakeFrame | Gate)[] {
  const { body, status = 200 } = script;
  if (body !== undefined) return typeof body === 'string' ? [body] : body;
  if (status >= 400) return [JSON.stringify(wire.error(status))];
  const content = contentOf(script, request);
  if (!request.stream) {
    const gates = content.pieces.filter((piece) => typeof piece !== 'string');
    return [...gates, JSON.stringify(wire.whole(content))];
  }
  const { opening, content: frames, terminal } = wire.stream(content);
  return [...opening, ...frames, ...(script.endWithoutTerminal ? [] : terminal)];
}

function contentOf(script: FakeAnswer, request: FakeRequest): FakeContent {
  const { text = script.toolCalls ? [] : ['Hello', ' from', ` ${request.provider}.`] } = script;
  const pieces = typeof text === 'string' ? [text] : text;
  const length = pieces.reduce((sum, piece) => sum + (typeof piece === 'string' ? piece.length : 0), 0);
  const options = request.body?.['stream_options'] as { include_usage?: boolean } | undefined;
  return {
    model: request.model,
    pieces,
    toolCalls: script.toolCalls ?? [],
    thinking: script.thinking,
    usage: { input: quarter(request.prompt.length), output: quarter(length), ...script.usage },
    finish: script.finish ?? 'stop',
    includeUsage: script.streamUsage ?? options?.include_usage === true,
  };
}

function headersOf({ status = 200 }: FakeAnswer, { stream }: FakeRequest, wire: FakeWire) {
  if (status >= 400) return { 'content-type': 'application/json', ...wire.errorHeaders?.(status) };
  const streamType = wire.streamType ?? 'text/event-stream; charset=utf-8';
  return { 'content-type': stream ? streamType : 'application/json' };
}

function isGate(step: FakeFrame | Gate): step is Gate {
  return typeof step === 'object' && 'pass' in step;
}

const quarter = (characters: number) => Math.max(1, Math.ceil(characters / 4));

function pause(ms = 0): Promise<void> | undefined {
  return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : undefined;
}

function write(res: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => res.write(bytes, () => resolve()));
}
