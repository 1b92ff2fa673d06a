import type { ChatRequest } from './chat-request.js';
import {
  anObject,
  aString,
  type Check,
  checkFields,
  fieldChecks,
  isObject,
  objectWith,
  required,
  word,
} from './field-checks.js';

const text = aString();

/** What a custom tool's input must match: chat has it in a member of the format, responses in the format itself. */
export const aGrammar: Check = (value, path) => {
  anObject(value, path);
  required(value, 'definition', text, path);
  required(value, 'syntax', word, path);
};

/** Source: the OpenAI API reference, `CustomToolChatCompletions`. */
const format: Check = (value, path) => {
  anObject(value, path);
  required(value, 'type', word, path);
  if (value['type'] === 'grammar') required(value, 'grammar', aGrammar, path);
};

const definition = objectWith({ description: text, format });

const call: Check = (value, path) => {
  anObject(value, path);
  required(value, 'name', text, path);
  required(value, 'input', text, path);
};

/** Checks what `parseChatRequest` does not read of custom tools and their calls. @throws {GatewayError} that names the path. */
export function checkCustomTools({ tools, messages }: ChatRequest): void {
  checkEach(tools, 'tools', definition);
  messages.forEach((message, index) => {
    if ('tool_calls' in message) checkEach(message.tool_calls, `messages[${index}].tool_calls`, call);
  });
}

function checkEach(list: readonly object[] | null | undefined, path: string, custom: Check): void {
  const checks = fieldChecks({ custom });
  for (const [index, one] of (list ?? []).entries()) {
    if (isObject(one) && one['type'] === 'custom') checkFields(one, checks, `${path}[${index}]`);
  }
}
