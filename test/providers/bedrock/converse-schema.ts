import { Ajv } from 'ajv';

const text = {
  type: 'object',
  required: ['text'],
  additionalProperties: false,
  properties: { text: { type: 'string', pattern: '\\S' } },
};
const cachePoint = {
  type: 'object',
  required: ['cachePoint'],
  additionalProperties: false,
  properties: { cachePoint: { type: 'object', required: ['type'], properties: { type: { const: 'default' } } } },
};
const bytes = {
  type: 'object',
  required: ['bytes'],
  additionalProperties: false,
  properties: { bytes: { type: 'string', pattern: '^[A-Za-z0-9+/]+=*$' } },
};
const id = { type: 'string', pattern: '^[a-zA-Z0-9_-]{1,64}$' };
const toolName = { type: 'string', pattern: '^[a-zA-Z0-9_-]{1,64}$' };
/** A union: exactly one member. */
const one = (name: string, member: object) => ({
  type: 'object',
  required: [name],
  additionalProperties: false,
  properties: { [name]: member },
});
const strict = (required: string[], properties: object) => ({
  type: 'object',
  required,
  additionalProperties: false,
  properties,
});

const image = one(
  'image',
  strict(['format', 'source'], { format: { enum: ['png', 'jpeg', 'gif', 'webp'] }, source: bytes }),
);
const document = one(
  'document',
  strict(['format', 'name', 'source'], {
    format: { enum: ['pdf', 'csv', 'doc', 'docx', 'xls', 'xlsx', 'html', 'txt', 'md'] },
    name: { type: 'string', pattern: '^[A-Za-z0-9()[\\]-]+( [A-Za-z0-9()[\\]-]+)*$', maxLength: 200 },
    source: bytes,
  }),
);
const toolUse = one(
  'toolUse',
  strict(['toolUseId', 'name', 'input'], { toolUseId: id, name: toolName, input: { type: 'object' } }),
);
const toolResult = one(
  'toolResult',
  strict(['toolUseId', 'content'], {
    toolUseId: id,
    content: { type: 'array', minItems: 1, items: { anyOf: [text, image, document, one('json', {})] } },
    status: { enum: ['success', 'error'] },
  }),
);
const reasoning = one('reasoningContent', {
  anyOf: [
    one('reasoningText', strict(['text'], { text: { type: 'string' }, signature: { type: 'string' } })),
    one('redactedContent', { type: 'string' }),
  ],
});
const block = { anyOf: [text, image, document, toolUse, toolResult, reasoning, cachePoint] };
const toolSpec = one(
  'toolSpec',
  strict(['name', 'inputSchema'], {
    name: toolName,
    description: { type: 'string', minLength: 1 },
    inputSchema: one('json', { type: 'object' }),
    strict: { type: 'boolean' },
  }),
);
const empty = strict([], {});

/** The request of Converse. Source: AWS, Amazon Bedrock API reference, `Converse`, request syntax and the types it names. */
const request = strict(['messages'], {
  messages: {
    type: 'array',
    minItems: 1,
    items: strict(['role', 'content'], {
      role: { enum: ['user', 'assistant'] },
      content: { type: 'array', minItems: 1, items: block },
    }),
  },
  system: { type: 'array', items: { anyOf: [text, cachePoint] } },
  inferenceConfig: strict([], {
    maxTokens: { type: 'integer', minimum: 1 },
    temperature: { type: 'number', minimum: 0, maximum: 1 },
    topP: { type: 'number', minimum: 0, maximum: 1 },
    stopSequences: { type: 'array', maxItems: 2_500, items: { type: 'string', minLength: 1 } },
  }),
  toolConfig: strict(['tools'], {
    tools: { type: 'array', minItems: 1, items: { anyOf: [toolSpec, cachePoint] } },
    toolChoice: { anyOf: [one('auto', empty), one('any', empty), one('tool', strict(['name'], { name: toolName }))] },
  }),
  guardrailConfig: { type: 'object' },
  additionalModelRequestFields: { type: 'object' },
  outputConfig: { type: 'object' },
  requestMetadata: {
    type: 'object',
    maxProperties: 16,
    additionalProperties: { type: 'string', pattern: '^[a-zA-Z0-9\\s:_@$#=/+,.-]{0,256}$' },
  },
});

const validate = new Ajv({ strict: false }).compile(request);

type Message = { readonly role: string; readonly content: readonly Readonly<Record<string, unknown>>[] };

/** What Converse would refuse in a body; undefined: nothing. Source: AWS, Amazon Bedrock API reference, `Converse`, `Message`. */
export function converseProblem(body: Record<string, unknown>): string | undefined {
  if (!validate(body)) return JSON.stringify(validate.errors?.[0]);
  const messages = body['messages'] as Message[];
  if (messages[0]?.role !== 'user') return 'A conversation must start with a user message.';
  if (messages.some(({ role }, at) => role === messages[at - 1]?.role)) return 'Roles must alternate.';
  const usesTools = messages.some(({ content }) => content.some((item) => 'toolUse' in item || 'toolResult' in item));
  if (usesTools && body['toolConfig'] === undefined) {
    return 'The toolConfig field must be defined when using toolUse and toolResult content blocks.';
  }
  return messages
    .map((message, at) => messageProblem(message, messages[at - 1]))
    .find((problem) => problem !== undefined);
}

function messageProblem({ role, content }: Message, before: Message | undefined): string | undefined {
  const has = (kind: string) => content.some((block) => kind in block);
  if (role === 'assistant' && (has('image') || has('document') || has('toolResult'))) return 'Only users send files.';
  if (role === 'user' && (has('toolUse') || has('reasoningContent'))) return 'Only assistants call tools.';
  if (has('document') && !has('text')) return 'A text block must be included with documents.';
  if (content.filter((block) => 'document' in block).length > 5) return 'Too many documents.';
  if (content[0] && 'cachePoint' in content[0]) return 'A cache point must follow something.';
  if (role !== 'user') return undefined;
  const called = idsIn(before?.content ?? [], 'toolUse');
  const results = idsIn(content, 'toolResult');
  if (new Set(results).size !== results.length) return 'Two results of one call.';
  const fits = called.length === results.length && called.every((id) => results.includes(id));
  return fits
    ? undefined
    : `Expected toolResult blocks for the following Ids: ${called.join()}, but found: ${results.join()}`;
}

function idsIn(content: Message['content'], kind: string): unknown[] {
  return content.flatMap((block) => (kind in block ? [(block[kind] as { toolUseId: string }).toolUseId] : []));
}
