import { GatewayError } from '../errors.js';
import {
  anArray,
  anObject,
  aString,
  type Check,
  isObject,
  missing,
  oneOf,
  required,
  wrongType,
} from './field-checks.js';

const MAX_MESSAGES = 10_000;
const MAX_PARTS = 10_000;

const text = aString();

const partChecks: Readonly<Record<string, Check>> = {
  text: (part, path) => required(part as Record<string, unknown>, 'text', text, path),
  refusal: (part, path) => required(part as Record<string, unknown>, 'refusal', text, path),
  image_url: (part, path) => {
    required(part as Record<string, unknown>, 'image_url', anObject, path);
    const image = (part as { image_url: Record<string, unknown> }).image_url;
    required(image, 'url', text, `${path}.image_url`);
    if (image['detail'] != null) oneOf(['auto', 'low', 'high'])(image['detail'], `${path}.image_url.detail`);
  },
  input_audio: (part, path) => {
    required(part as Record<string, unknown>, 'input_audio', anObject, path);
    const audio = (part as { input_audio: Record<string, unknown> }).input_audio;
    required(audio, 'data', text, `${path}.input_audio`);
    required(audio, 'format', oneOf(['wav', 'mp3']), `${path}.input_audio`);
  },
  file: (part, path) => {
    required(part as Record<string, unknown>, 'file', anObject, path);
    const file = (part as { file: Record<string, unknown> }).file;
    for (const name of ['filename', 'file_data', 'file_id'])
      if (file[name] != null) text(file[name], `${path}.file.${name}`);
    if (file['file_data'] == null && file['file_id'] == null) throw missing(`${path}.file.file_data`);
  },
};

const partTypes: Readonly<Record<string, readonly string[]>> = {
  system: ['text'],
  developer: ['text'],
  user: ['text', 'image_url', 'input_audio', 'file'],
  assistant: ['text', 'refusal'],
  tool: ['text', 'image_url', 'file'],
};

/** Checks the messages of a chat request. @throws {GatewayError} that names the path of the first mistake. */
export const messages: Check = anArray(1, MAX_MESSAGES, (message, path) => {
  if (!isObject(message)) throw wrongType(path, 'an object');
  const { role } = message;
  if (role === undefined || role === null) throw missing(`${path}.role`);
  if (typeof role !== 'string') throw wrongType(`${path}.role`, 'a string');
  if (role === 'function') checkFunctionMessage(message, path);
  else if (Object.hasOwn(partTypes, role)) checkMessage(message, role, path);
  else {
    throw new GatewayError('unsupported_value', {
      message: `Invalid value for '${path}.role': '${role.slice(0, 40)}' is not a role.`,
      param: `${path}.role`,
    });
  }
});

function checkMessage(message: Record<string, unknown>, role: string, path: string): void {
  const assistant = role === 'assistant';
  if (message['content'] != null) checkContent(message['content'], role, `${path}.content`);
  else if (!assistant) throw missing(`${path}.content`);
  else if (
    message['tool_calls'] == null &&
    message['function_call'] == null &&
    message['refusal'] == null &&
    message['audio'] == null
  ) {
    throw missing(`${path}.content`);
  }
  if (message['name'] != null) text(message['name'], `${path}.name`);
  if (role === 'tool') required(message, 'tool_call_id', text, path);
  if (assistant) checkCalls(message, path);
}

function checkFunctionMessage(message: Record<string, unknown>, path: string): void {
  required(message, 'name', text, path);
  if (message['content'] != null) text(message['content'], `${path}.content`);
}

function checkContent(content: unknown, role: string, path: string): void {
  if (typeof content === 'string') return;
  if (!Array.isArray(content)) throw wrongType(path, 'a string or an array of parts');
  const allowed = partTypes[role] ?? [];
  anArray(role === 'assistant' ? 0 : 1, MAX_PARTS, (part, at) => {
    if (!isObject(part)) throw wrongType(at, 'an object');
    required(part, 'type', oneOf(allowed), at);
    partChecks[part['type'] as string]?.(part, at);
  })(content, path);
}

function checkCalls(message: Record<string, unknown>, path: string): void {
  if (message['refusal'] != null) text(message['refusal'], `${path}.refusal`);
  if (message['function_call'] != null) checkFunctionCall(message['function_call'], `${path}.function_call`);
  if (message['reasoning_content'] != null) text(message['reasoning_content'], `${path}.reasoning_content`);
  for (const list of ['reasoning_details', 'thinking_blocks']) {
    if (message[list] != null) anArray(0, MAX_PARTS, anObject)(message[list], `${path}.${list}`);
  }
  if (message['tool_calls'] == null) return;
  anArray(0, MAX_PARTS, (call, at) => {
    if (!isObject(call)) throw wrongType(at, 'an object');
    required(call, 'id', text, at);
    required(call, 'type', oneOf(['function', 'custom']), at);
    if (call['type'] === 'function') {
      required(call, 'function', anObject, at);
      checkFunctionCall(call['function'], `${at}.function`);
    } else required(call, 'custom', anObject, at);
  })(message['tool_calls'], `${path}.tool_calls`);
}

function checkFunctionCall(value: unknown, path: string): void {
  if (!isObject(value)) throw wrongType(path, 'an object');
  required(value, 'name', text, path);
  if (value['arguments'] != null) text(value['arguments'], `${path}.arguments`);
}
