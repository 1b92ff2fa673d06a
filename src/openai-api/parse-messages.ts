import { GatewayError } from '../lib/errors.js';
import {
  anArray,
  anObject,
  aString,
  audioPart,
  type Check,
  checkFields,
  type FieldChecks,
  fieldChecks,
  missing,
  oneOf,
  required,
  textOrParts,
  wrongType,
} from './field-checks.js';

const MAX_MESSAGES = 10_000;
const MAX_PARTS = 10_000;

const text = aString();
const detail = oneOf(['auto', 'low', 'high']);
const fileFields = fieldChecks({ filename: text, file_data: text, file_id: text });

const partChecks = fieldChecks({
  text: (part, path) => required(part as Record<string, unknown>, 'text', text, path),
  refusal: (part, path) => required(part as Record<string, unknown>, 'refusal', text, path),
  image_url: (part, path) => {
    required(part as Record<string, unknown>, 'image_url', anObject, path);
    const image = (part as { image_url: Record<string, unknown> }).image_url;
    required(image, 'url', text, `${path}.image_url`);
    if (image['detail'] != null) detail(image['detail'], `${path}.image_url.detail`);
  },
  input_audio: audioPart,
  file: (part, path) => {
    required(part as Record<string, unknown>, 'file', anObject, path);
    const file = (part as { file: Record<string, unknown> }).file;
    checkFields(file, fileFields, `${path}.file`);
    if (file['file_data'] == null && file['file_id'] == null) throw missing(`${path}.file.file_data`);
  },
});

/** A text, or parts of these types. */
function content(types: readonly string[], least?: number): Check {
  return textOrParts(partChecks, types, least);
}

const functionCall: Check = (value, path) => {
  anObject(value, path);
  required(value, 'name', text, path);
  if (value['arguments'] != null) text(value['arguments'], `${path}.arguments`);
};

const callType = oneOf(['function', 'custom']);

const toolCall: Check = (call, path) => {
  anObject(call, path);
  required(call, 'id', text, path);
  required(call, 'type', callType, path);
  if (call['type'] === 'function') required(call, 'function', functionCall, path);
  else required(call, 'custom', anObject, path);
};

/** The messages of one role. */
interface Role {
  readonly needs: readonly string[];
  readonly fields: FieldChecks;
}

function role(needs: readonly string[], fields: Readonly<Record<string, Check>>): Role {
  return { needs, fields: fieldChecks({ name: text, ...fields }) };
}

const objects = anArray(0, MAX_PARTS, anObject);

const roles: ReadonlyMap<unknown, Role> = new Map([
  ['system', role(['content'], { content: content(['text']) })],
  ['developer', role(['content'], { content: content(['text']) })],
  ['user', role(['content'], { content: content(['text', 'image_url', 'input_audio', 'file']) })],
  [
    'assistant',
    role([], {
      content: content(['text', 'refusal'], 0),
      refusal: text,
      function_call: functionCall,
      reasoning_content: text,
      reasoning_details: objects,
      thinking_blocks: objects,
      tool_calls: anArray(0, MAX_PARTS, toolCall),
    }),
  ],
  ['tool', role(['content', 'tool_call_id'], { content: content(['text', 'image_url', 'file']), tool_call_id: text })],
  ['function', role(['name'], { content: text })],
]);

/** What an assistant can have said instead of a text. */
const OTHER_CONTENT = ['tool_calls', 'function_call', 'refusal', 'audio'];

/** Checks the messages of a chat request. @throws {GatewayError} that names the path of the first mistake. */
export const messages: Check = anArray(1, MAX_MESSAGES, (message, path) => {
  anObject(message, path);
  const name = message['role'];
  const known = roles.get(name);
  if (!known) throw wrongRole(name, `${path}.role`);
  for (const field of known.needs) if (message[field] == null) throw missing(`${path}.${field}`);
  if (name === 'assistant' && message['content'] == null && OTHER_CONTENT.every((field) => message[field] == null)) {
    throw missing(`${path}.content`);
  }
  checkFields(message, known.fields, path);
});

function wrongRole(role: unknown, path: string): GatewayError {
  if (role === undefined || role === null) return missing(path);
  if (typeof role !== 'string') return wrongType(path, 'a string');
  return new GatewayError('unsupported_value', {
    message: `Invalid value for '${path}': '${role.slice(0, 40)}' is not a role.`,
    param: path,
  });
}
