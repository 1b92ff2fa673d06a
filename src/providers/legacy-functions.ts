import type { ChatRequest, ToolChoice } from '../openai-api/chat-request.js';

/** True when the client speaks the deprecated `functions` and must be answered with `function_call`. */
export function usesLegacyFunctions(request: ChatRequest): boolean {
  return (request.functions?.length ?? 0) > 0 && !request.tools?.length;
}

/** The deprecated `function_call` as a choice of tools. */
export function legacyChoice({ function_call: choice }: ChatRequest): ToolChoice | undefined {
  return typeof choice === 'object' ? { type: 'function', function: { name: choice.name } } : choice;
}
