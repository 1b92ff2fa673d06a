import { CallIds } from '../call-ids.js';
import { customInput } from '../custom-tools.js';
import type { ItemStatus, OutputCall, OutputCustomCall, OutputToolSearch } from './response.js';
import type { ResponsesRequest } from './responses-request.js';
import type { NamedTool } from './tool-names.js';

/** A call of a tool of the client's own. */
export type AnyCall = OutputCall | OutputCustomCall | OutputToolSearch;

/** Ids for the calls of an answer that none in its conversation has. */
export function callIdsFor({ input }: ResponsesRequest, requestId: string): CallIds {
  return new CallIds(() => (Array.isArray(input) ? input.map(({ call_id: id }) => id) : []), requestId);
}

/** A call that begins: in the form in which the client declared the tool. */
export function outputCall(
  { kind, name, namespace }: Pick<NamedTool, 'kind' | 'name' | 'namespace'>,
  callId: string,
  newId: (prefix: 'fc' | 'ctc' | 'tsc') => string,
): AnyCall {
  const named = { name, ...(namespace !== undefined && { namespace }) };
  if (kind === 'custom') {
    const id = newId('ctc');
    return { type: 'custom_tool_call', id, call_id: callId, ...named, input: '', status: 'in_progress' };
  }
  if (kind === 'tool_search') {
    const id = newId('tsc');
    const head = { type: 'tool_search_call', id, call_id: callId || id } as const;
    return { ...head, execution: 'client', arguments: {}, status: 'in_progress' };
  }
  const id = newId('fc');
  return { type: 'function_call', id, call_id: callId, ...named, arguments: '', status: 'in_progress' };
}

/** Gives a call its arguments, from the JSON text that the model wrote. */
export function completeCall(call: AnyCall, json: string, status: ItemStatus): void {
  call.status = status;
  if (call.type === 'function_call') call.arguments = json;
  else if (call.type === 'custom_tool_call') call.input = customInput(json);
  else call.arguments = parsed(json);
}

function parsed(json: string): unknown {
  if (json.trim() === '') return {};
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
