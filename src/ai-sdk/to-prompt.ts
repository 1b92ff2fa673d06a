import type {
  LanguageModelV3FilePart,
  LanguageModelV3Message,
  LanguageModelV3Prompt,
  LanguageModelV3TextPart,
  SharedV3ProviderOptions,
} from '@ai-sdk/provider';
import { GatewayError } from '../lib/errors.js';
import { parseDataUrl } from '../media/base64.js';
import { callArguments } from '../openai-api/call-arguments.js';
import type { AssistantMessage, ChatMessage, ContentPart } from '../openai-api/chat-request.js';
import { isObject } from '../openai-api/field-checks.js';
import { forEachAnswered } from '../providers/tool-pairs.js';
import type { UnsupportedParams } from '../providers/unsupported-params.js';

/** The format of reasoning details that carry what the AI SDK's providers want back. */
export const CARRIED = 'ai-sdk';

/**
 * Messages as a prompt, each result after its call. Pictures and files of results follow in a message of the user: not every
 * provider takes them in a result. Source: AI SDK, `LanguageModelV3Prompt`.
 *
 * @throws {GatewayError} for parts it has no place for.
 */
export function toPrompt(messages: readonly ChatMessage[], unsupported: UnsupportedParams): LanguageModelV3Prompt {
  const names = new Map<string, string>();
  const prompt: LanguageModelV3Prompt = [];
  let media: PromptPart[] = [];
  const flush = () => {
    if (media.length > 0) prompt.push({ role: 'user', content: media });
    media = [];
  };
  forEachAnswered(messages, 'merged turns', unsupported, (message, index) => {
    const path = `messages[${index}]`;
    if (message.role !== 'tool') flush();
    else media.push(...toParts(message.content, `${path}.content`).filter(({ type }) => type === 'file'));
    prompt.push(toPromptMessage(message, path, names));
  });
  flush();
  return prompt;
}

/** @param names of the functions that were called, by the ids of the calls. */
function toPromptMessage(message: ChatMessage, path: string, names: Map<string, string>): LanguageModelV3Message {
  switch (message.role) {
    case 'system':
    case 'developer':
      return { role: 'system', content: textOf(message.content) };
    case 'user':
      return { role: 'user', content: toParts(message.content, `${path}.content`) };
    case 'assistant':
      for (const { id, function: called } of message.tool_calls ?? []) names.set(id, called.name);
      return { role: 'assistant', content: toAssistant(message) };
    case 'tool': {
      const { tool_call_id: toolCallId, content } = message;
      const output = { type: 'text' as const, value: textOf(content) };
      const toolName = names.get(toolCallId) ?? 'unknown';
      return { role: 'tool', content: [{ type: 'tool-result', toolCallId, toolName, output }] };
    }
    default: {
      const text = 'Use the role tool: the role function is not supported here.';
      throw new GatewayError('unsupported_value', { param: `${path}.role`, message: text });
    }
  }
}

function toAssistant(message: AssistantMessage): Extract<LanguageModelV3Message, { role: 'assistant' }>['content'] {
  const text = textOf(message.content ?? message.refusal ?? '');
  return [
    ...(message.reasoning_details ?? []).flatMap((detail) => {
      if (detail.format !== CARRIED || typeof detail.text !== 'string') return [];
      return [{ type: 'reasoning' as const, text: detail.text, ...providerOptions(detail['provider_metadata']) }];
    }),
    ...(text === '' ? [] : [{ type: 'text' as const, text }]),
    ...(message.tool_calls ?? []).map(({ id, function: called, extra_content: extra }) => {
      return {
        type: 'tool-call' as const,
        toolCallId: id,
        toolName: called.name,
        input: callArguments(called.arguments),
        ...providerOptions(extra?.[CARRIED]),
      };
    }),
  ];
}

/** What a provider said of a part of its answer, given back with it. */
function providerOptions(carried: unknown): { providerOptions?: SharedV3ProviderOptions } {
  return isObject(carried) ? { providerOptions: carried as SharedV3ProviderOptions } : {};
}

type PromptPart = LanguageModelV3TextPart | LanguageModelV3FilePart;

function toParts(content: string | readonly ContentPart[], path: string): PromptPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return content.map((part, index) => {
    switch (part.type) {
      case 'text':
        return { type: 'text', text: part.text };
      case 'image_url':
        return toFile(part.image_url.url, 'image/*');
      case 'input_audio':
        return { type: 'file', mediaType: `audio/${part.input_audio.format}`, data: part.input_audio.data };
      case 'file':
        if (part.file.file_data !== undefined) {
          return {
            ...toFile(part.file.file_data, 'application/pdf'),
            ...(part.file.filename && { filename: part.file.filename }),
          };
        }
    }
    const param = `${path}[${index}]`;
    throw new GatewayError('unsupported_value', { param, message: 'The model does not support this content part.' });
  });
}

function toFile(url: string, otherwise: string): LanguageModelV3FilePart {
  const data = parseDataUrl(url);
  if (data) return { type: 'file', mediaType: data.mediaType || otherwise, data: data.base64 };
  if (/^https?:/i.test(url) && URL.canParse(url)) return { type: 'file', mediaType: otherwise, data: new URL(url) };
  return { type: 'file', mediaType: otherwise, data: url };
}

function textOf(content: string | readonly ContentPart[]): string {
  if (typeof content === 'string') return content;
  return content
    .map((part) => (part.type === 'text' ? part.text : part.type === 'refusal' ? part.refusal : ''))
    .join('');
}
