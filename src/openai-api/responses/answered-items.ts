import { OpenIds } from '../open-ids.js';
import { EARLIER_RESULT, NO_RESULT } from '../unpaired-results.js';
import type { FunctionOutputItem, InputItem, InputPart, ResponsesRequest } from './responses-request.js';

/** The types of outputs by those of the calls that they answer; other calls have outputs of their own kinds. */
const OUTPUTS: ReadonlyMap<string | undefined, string> = new Map([
  ['function_call', 'function_call_output'],
  ['custom_tool_call', 'custom_tool_call_output'],
]);
const OUTPUT_TYPES: ReadonlySet<string | undefined> = new Set(OUTPUTS.values());

/**
 * The items of a conversation in which each call has its output and each output its call; OpenAI refuses others. A call without
 * one gets a stand-in, and an output whose call is no longer there is told as a message of the user. The same list where
 * nothing has to change.
 *
 * Source: OpenAI's guide to function calling: every call is answered by an output with its `call_id`.
 *
 * @param drop receives the path of each output whose call is not there.
 */
export function answeredItems(input: InputItem[], drop: (path: string) => void): InputItem[] {
  const lost = new Set<number>();
  /** Where calls without an output yet are, by their ids, which may come again. */
  const open = new Map<unknown, number[]>();
  input.forEach(({ type, call_id: id }, index) => {
    if (type?.endsWith('_call')) open.set(id, [...(open.get(id) ?? []), index]);
    else if (OUTPUT_TYPES.has(type) && open.get(id)?.shift() === undefined) lost.add(index);
  });
  const unanswered = new Set([...open.values()].flat().filter((index) => OUTPUTS.has(input[index]?.type)));
  if (lost.size + unanswered.size === 0) return input;
  return input.flatMap((item, index): InputItem[] => {
    if (unanswered.has(index)) return [item, stub(item)];
    if (!lost.has(index)) return [item];
    drop(`input[${index}].call_id`);
    return [inWords(item as FunctionOutputItem)];
  });
}

function stub({ type, call_id: id }: InputItem): InputItem {
  return { type: OUTPUTS.get(type), call_id: id, output: NO_RESULT } as InputItem;
}

/** An output whose call is not there, in words. */
function inWords({ output }: FunctionOutputItem): InputItem {
  const parts: InputPart[] = typeof output === 'string' ? [{ type: 'input_text', text: output }] : output;
  const head: InputPart = { type: 'input_text', text: EARLIER_RESULT };
  return { type: 'message', role: 'user', content: [head, ...parts] };
}

/** True where nothing is made up in place of an output or a call that is not there. */
export function areItemsAnswered({ input }: ResponsesRequest): boolean {
  if (!Array.isArray(input)) return true;
  const ids = new OpenIds();
  for (const { type, call_id: id } of input) {
    if (type?.endsWith('_call')) ids.call(id);
    else if (type?.endsWith('_call_output')) ids.result(id);
  }
  return ids.areAnswered;
}
