import { describe, expect, it } from 'vitest';
import type { AssistantMessage, ChatMessage } from '../../../src/openai-api/chat-request.js';
import type { Content, Part } from '../../../src/providers/google/api.js';
import { chatCall, countingDialect } from './support/call.js';
import { type Recording, recordedConversations } from './support/recordings.js';
import { assemble, translateStream } from './support/translate.js';

/** What the recorded client put where the model (2.0) gave no signature. */
const CLIENT_STAND_IN = btoa('skip_thought_signature_validator');

interface Turn {
  readonly name: string;
  readonly model: string;
  /** The recorded answer. */
  readonly answer: Recording;
  /** The model's turn, and what follows, as the recorded next request sent them. */
  readonly replayed: Content;
  readonly results: Content | undefined;
}

const turns = recordedConversations().flatMap(followedTurns);

describe("a conversation rebuilt from the gateway's own answers", () => {
  it('can be checked', () => {
    expect(turns.length).toBeGreaterThan(2);
    expect(turns.filter(({ replayed }) => signatures(replayed).length > 0).length).toBeGreaterThan(2);
  });

  for (const { name, model, answer, replayed, results } of turns) {
    it(`sends the recorded model turn: ${name}`, () => {
      const message = answerMessage(answer);
      const { body } = countingDialect().toRequest(
        chatCall(
          { messages: [{ role: 'user', content: 'Go' }, message, ...toolMessages(message, results)] },
          { model },
        ),
        false,
      );
      const [, rebuilt, rebuiltResults] = JSON.parse(String(body)).contents as Content[];
      expect(rebuilt?.role).toBe('model');
      expect(calls(rebuilt)).toEqual(calls(replayed));
      expect(signatures(rebuilt)).toEqual(expectedSignatures(answer, replayed));
      for (const { id } of answer.expected?.tool_calls ?? []) {
        if (id !== null) expect(rebuilt?.parts?.map((part) => part.functionCall?.id)).toContain(id);
      }
      if (calls(replayed).length > 0 && results?.parts?.some((part) => field(part, 'functionResponse'))) {
        expect(rebuiltResults?.role).toBe('user');
        expect(rebuiltResults?.parts?.map((part) => part.functionResponse?.name)).toEqual(
          calls(replayed).map((call) => call.name),
        );
        expect(rebuiltResults?.parts?.map((part) => part.functionResponse?.id)).toEqual(
          rebuilt?.parts?.filter((part) => part.functionCall).map((part) => part.functionCall?.id),
        );
      }
    });
  }
});

/** Pairs of an answer and the next request that replays it. */
function followedTurns(conversation: Recording[]): Turn[] {
  return conversation.flatMap((answer, index) => {
    const before = contentsOf(answer);
    const after = contentsOf(conversation[index + 1]);
    const replayed = after[before.length];
    const isContinued = answer.expected?.skip === undefined && before.length > 0 && replayed?.role === 'model';
    if (!isContinued || answer.expected === null) return [];
    const model = /models\/([^:/]+):/.exec(answer.url)?.[1] ?? 'gemini-2.5-flash';
    return [{ name: answer.name, model, answer, replayed, results: after[before.length + 1] }];
  });
}

function contentsOf(recording: Recording | undefined): Content[] {
  const contents = recording?.request?.['contents'];
  return Array.isArray(contents) ? contents : [];
}

function answerMessage({ json, sse }: Recording): AssistantMessage {
  if (sse === undefined) {
    const { completion } = countingDialect().toCompletion(json, '', chatCall());
    return completion.choices[0]?.message as AssistantMessage;
  }
  const { message } = assemble(translateStream([new TextEncoder().encode(sse)]).chunks);
  return { ...message, role: 'assistant' } as AssistantMessage;
}

function toolMessages(message: AssistantMessage, results: Content | undefined): ChatMessage[] {
  const count = results?.parts?.filter((part) => field(part, 'functionResponse')).length ?? 0;
  // Results may come in any order: the last call's comes first here.
  return (message.tool_calls ?? [])
    .slice(0, count)
    .reverse()
    .map(({ id }) => ({ role: 'tool' as const, tool_call_id: id, content: 'done' }));
}

function calls(content: Content | undefined): { name: unknown; args: unknown }[] {
  return (content?.parts ?? []).flatMap((part) => {
    const call = field(part, 'functionCall') as { name: string; args?: object } | undefined;
    return call ? [{ name: call.name, args: call.args ?? {} }] : [];
  });
}

/** Place among the calls (or `text`) and signature, in one of the two base64 alphabets. */
function signatures(content: Content | undefined): [number | 'text', string][] {
  let call = -1;
  return (content?.parts ?? []).flatMap((part): [number | 'text', string][] => {
    const isCall = field(part, 'functionCall') !== undefined;
    if (isCall) call += 1;
    const signature = field(part, 'thoughtSignature');
    if (typeof signature !== 'string') return [];
    return [[isCall ? call : 'text', signature.replaceAll('-', '+').replaceAll('_', '/')]];
  });
}

/** The recorded client may have left out the signature of a text, which is optional; the gateway's must not. */
function expectedSignatures({ json, sse }: Recording, replayed: Content): [number | 'text', string][] {
  const recorded = signatures(replayed);
  const answers =
    sse === undefined ? [json] : sse.split(/\r?\n\r?\n/).map((event) => JSON.parse(event.slice(6) || '{}'));
  const parts = answers.flatMap((answer) => answer?.candidates?.[0]?.content?.parts ?? []);
  const ofText = signatures({ parts })
    .filter(([place]) => place === 'text')
    .slice(-1);
  return [...ofText, ...recorded.filter(([place, signature]) => place !== 'text' && signature !== CLIENT_STAND_IN)];
}

/** A field in either case of letters, as the API takes it. */
function field(part: Part, name: string): unknown {
  return part[name] ?? part[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
}
