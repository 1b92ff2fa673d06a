import type { RecordedProvider } from './recordings.js';

/** What a model says, free of any provider's format. */
export interface Said {
  readonly text?: string;
  readonly call?: { readonly name: string; readonly input: object };
}

/** A whole answer in a provider's own format. */
export function nativeAnswer(provider: RecordedProvider, { text, call }: Said): Record<string, unknown> {
  switch (provider) {
    case 'anthropic':
      return {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'claude-sonnet-4-5',
        content: [
          ...(text ? [{ type: 'text', text }] : []),
          ...(call ? [{ type: 'tool_use', id: 'toolu_1', name: call.name, input: call.input }] : []),
        ],
        stop_reason: call ? 'tool_use' : 'end_turn',
        stop_sequence: null,
        usage: { input_tokens: 10, output_tokens: 5 },
      };
    case 'google': {
      const parts = [
        ...(text ? [{ text }] : []),
        ...(call ? [{ functionCall: { name: call.name, args: call.input } }] : []),
      ];
      return {
        candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP', index: 0 }],
        usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
        modelVersion: 'gemini-2.5-flash',
        responseId: 'response-1',
      };
    }
    case 'openai':
    case 'compatible': {
      const called = call && { name: call.name, arguments: JSON.stringify(call.input) };
      const message = {
        role: 'assistant',
        content: text ?? null,
        ...(called && { tool_calls: [{ id: 'call_1', type: 'function', function: called }] }),
      };
      return {
        id: 'chatcmpl-1',
        object: 'chat.completion',
        created: 1_700_000_000,
        model: 'gpt-4.1',
        choices: [{ index: 0, message, logprobs: null, finish_reason: call ? 'tool_calls' : 'stop' }],
        usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
      };
    }
  }
}
