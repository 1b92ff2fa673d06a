import { FAKE_SIGNATURES } from '../../src/testing/fake-wire.js';
import type { FakeRequest } from '../../src/testing/index.js';
import { anthropicProblem } from './strict-anthropic.js';
import { geminiProblem } from './strict-gemini.js';
import { chatFieldsProblem, responsesFieldsProblem } from './strict-openai.js';

type Fields = Readonly<Record<string, unknown>>;

/** What a real provider would refuse in the conversation of a request; undefined when nothing. */
export function problemOf(request: FakeRequest): string | undefined {
  const body = request.body ?? {};
  try {
    if (request.provider === 'anthropic') {
      refuse(anthropicProblem(body, String(request.headers['anthropic-beta'] ?? '')));
      checkAnthropic(body);
    } else if (request.provider === 'google') {
      refuse(geminiProblem(body));
      checkGoogle(body, request.model);
    } else if (/\/responses(?:\?|$)/.test(request.path)) {
      refuse(responsesFieldsProblem(body));
      checkResponses(body);
    } else {
      const isOpenAI = request.model.startsWith('gpt');
      if (isOpenAI) refuse(chatFieldsProblem(body));
      checkChat(body, isOpenAI);
    }
    return undefined;
  } catch (problem) {
    return (problem as Error).message;
  }
}

function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw new Error(problem);
}

function demand(right: boolean, otherwise: string): void {
  if (!right) throw new Error(otherwise);
}

const list = (value: unknown) => (Array.isArray(value) ? value : []) as Fields[];

/** Source: Anthropic docs, extended thinking with tool use; tool use, handling results. */
function checkAnthropic(body: Fields): void {
  const messages = list(body['messages']);
  const called = new Set<unknown>();
  let open = new Set<unknown>();
  for (const { role, content } of inOneTurn(messages)) {
    const blocks = list(content);
    demand(blocks.length > 0, 'an empty turn');
    const results = blocks.filter(({ type }) => type === 'tool_result');
    demand(
      blocks.slice(0, results.length).every(({ type }) => type === 'tool_result'),
      'results after other content',
    );
    demand(role === 'user' || results.length === 0, 'a result of the assistant');
    demand(
      results.length === open.size && results.every(({ tool_use_id: id }) => open.has(id)),
      'results do not fit their calls',
    );
    open = new Set();
    for (const { type, signature, data, id, text } of blocks) {
      if (type === 'thinking') demand(signature === FAKE_SIGNATURES.anthropic, 'a foreign signature');
      if (type === 'redacted_thinking') demand(!String(data).startsWith('mg1.'), 'foreign redacted thinking');
      if (type === 'text') demand(String(text).trim() !== '', 'an empty text');
      if (type !== 'tool_use') continue;
      demand(/^[\w-]{1,64}$/.test(String(id)), 'a wrong id');
      demand(!called.has(id), '`tool_use` ids must be unique');
      called.add(id);
      open.add(id);
    }
  }
  demand(open.size === 0, 'a call without its result');
  const final = messages.at(-1)?.['role'] === 'assistant' ? list(inOneTurn(messages).at(-1)?.['content']).at(-1) : {};
  demand(!/\s$/.test(String(final?.['text'] ?? '')), 'final assistant content cannot end with trailing whitespace');
  const thinking = body['thinking'] as Fields | undefined;
  if (thinking?.['type'] !== 'enabled') return;
  const last = messages.findLast(({ role }) => role === 'assistant');
  const [first] = list(last?.['content']);
  const calls = list(last?.['content']).some(({ type }) => type === 'tool_use');
  demand(
    !calls || first?.['type'] === 'thinking' || first?.['type'] === 'redacted_thinking',
    'a call without thinking',
  );
}

/** Messages of one role that follow each other, as one: Anthropic reads them so. Notes of the operator between them are left out. */
function inOneTurn(messages: readonly Fields[]): Fields[] {
  const turns: Fields[] = [];
  for (const { role, content } of messages) {
    if (role === 'system') continue;
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : list(content);
    const last = turns.at(-1);
    if (last?.['role'] === role) turns[turns.length - 1] = { role, content: [...list(last?.['content']), ...blocks] };
    else turns.push({ role, content: blocks });
  }
  return turns;
}

/** Stand for a signature that was never there. Source: ai.google.dev, "Thought signatures", frequently asked questions. */
const STAND_INS = new Set(['Y29udGV4dF9lbmdpbmVlcmluZ19pc190aGVfd2F5X3RvX2dv', 'skip_thought_signature_validator']);

/** Source: ai.google.dev, "Thought signatures", "Function calling". */
function checkGoogle(body: Fields, model: string): void {
  const contents = list(body['contents']);
  demand(contents[0]?.['role'] === 'user', "the first turn is not the user's");
  demand(contents.at(-1)?.['role'] === 'user', "the last turn is not the user's");
  let calls: string[] = [];
  let before: unknown;
  for (const { role, parts } of contents) {
    demand(role === 'user' || role === 'model', `role ${String(role)}`);
    demand(role !== before, 'two turns of one role');
    before = role;
    const results = list(parts).flatMap(({ functionResponse: result }) => (result ? [(result as Fields)['name']] : []));
    demand(JSON.stringify(results) === JSON.stringify(calls), 'results do not fit their calls');
    calls = [];
    for (const { functionCall: call, thoughtSignature: signature } of list(parts)) {
      const own = signature === FAKE_SIGNATURES.google || (typeof signature === 'string' && STAND_INS.has(signature));
      demand(signature === undefined || own, 'a foreign signature');
      if (!call) continue;
      demand(calls.length > 0 || own || !model.startsWith('gemini-3'), 'a call without a signature');
      calls.push(String((call as Fields)['name']));
    }
  }
}

const CHAT_FIELDS = new Set(['role', 'content', 'refusal', 'name', 'tool_calls', 'tool_call_id', 'annotations']);

function checkChat(body: Fields, strict: boolean): void {
  let open = new Set<unknown>();
  for (const message of list(body['messages'])) {
    const { role, tool_call_id: id, tool_calls: calls } = message;
    for (const name in message) {
      const known = CHAT_FIELDS.has(name) || (!strict && name === 'reasoning_content');
      demand(known || message[name] === null, `an unknown field '${name}'`);
    }
    if (role === 'tool') demand(open.delete(id), 'a result without its call');
    else demand(open.size === 0, 'a call without its result');
    for (const call of list(calls)) {
      demand((!strict || String(call['id']).length <= 40) && !('extra_content' in call), 'a call of another kind');
      open.add(call['id']);
    }
  }
  open = new Set();
}

/** Source: OpenAI docs, "Reasoning models", keeping reasoning items in context; function calling. */
function checkResponses(body: Fields): void {
  const open = new Set<unknown>();
  const items = list(body['input']);
  for (const [index, { type, call_id: id, encrypted_content: encrypted }] of items.entries()) {
    if (type === 'function_call' || type === 'custom_tool_call') open.add(id);
    if (type === 'function_call_output' || type === 'custom_tool_call_output')
      demand(open.delete(id), 'a result without its call');
    if (type !== 'reasoning') continue;
    demand(typeof encrypted === 'string', 'an item that is not stored');
    demand(!String(encrypted).startsWith('mg1.'), 'foreign reasoning');
    const { type: next, role } = items[index + 1] ?? {};
    demand(
      role === 'assistant' || /^(?:reasoning|\w+_call)$/.test(String(next)),
      'a reasoning item without its required following item',
    );
  }
  demand(open.size === 0, 'a call without its result');
}
