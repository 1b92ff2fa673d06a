import {
  anArray,
  anObject,
  aString,
  type Check,
  checkFields,
  type FieldChecks,
  fieldChecks,
  missing,
  oneOf,
  required,
  textOrTypedParts,
  word,
} from './field-checks.js';
import { refuseOtherForm } from './other-form.js';

const MAX_MESSAGES = 10_000;
const MAX_PARTS = 10_000;

const text = aString();
const fileFields = fieldChecks({ filename: text, file_data: text, file_id: text });
const audioFields = fieldChecks({ data: text, format: text });

/** Parts of these types must hold what their name says. Others are passed to servers that may know them. */
const partChecks = fieldChecks({
  text: (part, path) => required(part as Record<string, unknown>, 'text', text, path),
  refusal: (part, path) => required(part as Record<string, unknown>, 'refusal', text, path),
  image_url: (part, path) => {
    const holder = part as Record<string, unknown>;
    // Mistral's form: the URL itself
    if (typeof holder['image_url'] === 'string') return;
    required(holder, 'image_url', anObject, path);
    required(holder['image_url'] as Record<string, unknown>, 'url', text, `${path}.image_url`);
  },
  input_audio: (part, path) => {
    const holder = part as Record<string, unknown>;
    if (typeof holder['input_audio'] === 'string') return;
    required(holder, 'input_audio', anObject, path);
    const audio = holder['input_audio'] as Record<string, unknown>;
    required(audio, 'data', text, `${path}.input_audio`);
    checkFields(audio, audioFields, `${path}.input_audio`);
  },
  file: (part, path) => {
    required(part as Record<string, unknown>, 'file', anObject, path);
    const file = (part as { file: Record<string, unknown> }).file;
    checkFields(file, fileFields, `${path}.file`);
    if (file['file_data'] == null && file['file_id'] == null) throw missing(`${path}.file.file_data`);
  },
});

const content = textOrTypedParts(partChecks);
const answerContent = textOrTypedParts(partChecks, 0);

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
  ['system', role(['content'], { content })],
  ['developer', role(['content'], { content })],
  ['user', role(['content'], { content })],
  [
    'assistant',
    role([], {
      content: answerContent,
      refusal: text,
      function_call: functionCall,
      reasoning_content: text,
      reasoning_details: objects,
      thinking_blocks: objects,
      tool_calls: anArray(0, MAX_PARTS, toolCall),
    }),
  ],
  ['tool', role(['content', 'tool_call_id'], { content, tool_call_id: text })],
  ['function', role(['name'], { content: text })],
]);

/** Of a role that OpenAI does not list: the model's provider may know it. */
const otherRole = role([], { content: answerContent });

/** What an assistant can have said instead of a text. */
const OTHER_CONTENT = ['tool_calls', 'function_call', 'refusal', 'audio'];

/** Checks the messages of a chat request. @throws {GatewayError} that names the path of the first mistake. */
export const messages: Check = anArray(1, MAX_MESSAGES, (message, path) => {
  anObject(message, path);
  const name = message['role'];
  refuseOtherForm('message', message, 'role', path, 'chat');
  required(message, 'role', word, path);
  const known = roles.get(name) ?? otherRole;
  for (const field of known.needs) {
    if (message[field] != null) continue;
    refuseOtherForm('message', message, field, path, 'chat');
    throw missing(`${path}.${field}`);
  }
  // the official client stores an answer without text as null
  if (
    name === 'assistant' &&
    message['content'] === undefined &&
    OTHER_CONTENT.every((field) => message[field] == null)
  ) {
    throw missing(`${path}.content`);
  }
  checkFields(message, known.fields, path);
});
