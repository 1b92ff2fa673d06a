import { camelCased } from '../gemini-api/generate-content-request.js';
import type { ChatMessage, ContentPart } from '../openai-api/chat-request.js';
import { isObject } from '../openai-api/field-checks.js';
import { toConversation } from '../providers/anthropic/to-messages.js';
import { geminiFamily } from '../providers/google/families.js';
import { toContents } from '../providers/google/to-contents.js';
import { UnsupportedParams } from '../providers/unsupported-params.js';

type Fields = Record<string, unknown>;

/** What the gateway decides, or what decides about the route itself. */
const FIXED = ['model', 'stream', 'stream_options', 'n'];

/**
 * A request with fields of chat form put where its own format says the same.
 *
 * @throws {TypeError} for fields that a hook must not change, and for messages on a route without messages.
 */
export function withChatFields(body: Fields, fields: Fields, route: string): Fields {
  const fixed = FIXED.find((name) => name in fields);
  if (fixed !== undefined) throw new TypeError(`a hook can't change '${fixed}'`);
  if (route === 'chat/completions') return { ...body, ...fields };
  const translate = formOf(route);
  // Gemini's API takes every name in snake case as well: a field must not stand there twice.
  const edited = { ...(translate === toGeminiField ? fieldsOf(camelCased(body)) : body) };
  for (const [name, value] of Object.entries(fields)) Object.assign(edited, translate(name, value, edited));
  return edited;
}

type Translate = (name: string, value: unknown, body: Fields) => Fields;

function formOf(route: string): Translate {
  if (route.startsWith('responses')) return toResponsesField;
  if (route.startsWith('messages')) return toMessagesField;
  if (/enerateContent|countTokens/.test(route)) return toGeminiField;
  return (name, value) => {
    if (name === 'messages') throw new TypeError(`${route} has no messages: edit its own fields`);
    return { [name === 'max_completion_tokens' ? 'max_tokens' : name]: value };
  };
}

/** Source: the OpenAI API reference, `CreateResponse`. */
const toResponsesField: Translate = (name, value, body) => {
  switch (name) {
    case 'messages':
      return { input: (value as ChatMessage[]).flatMap(toInputItems), instructions: undefined };
    case 'max_tokens':
    case 'max_completion_tokens':
      return { max_output_tokens: value };
    case 'reasoning_effort':
      return { reasoning: { ...fieldsOf(body['reasoning']), effort: value } };
    case 'tools':
      return { tools: (value as Fields[]).map(({ function: inner, ...tool }) => ({ ...tool, ...fieldsOf(inner) })) };
    case 'tool_choice': {
      const { function: inner, ...choice } = fieldsOf(value);
      return { tool_choice: isObject(inner) ? { ...choice, ...inner } : value };
    }
    case 'response_format': {
      const { json_schema: inner, ...format } = fieldsOf(value);
      return { text: { ...fieldsOf(body['text']), format: { ...format, ...fieldsOf(inner) } } };
    }
    case 'verbosity':
      return { text: { ...fieldsOf(body['text']), verbosity: value } };
    default:
      return { [name]: value };
  }
};

function toInputItems(message: ChatMessage): Fields[] {
  if (message.role === 'tool') {
    return [{ type: 'function_call_output', call_id: message.tool_call_id, output: plainText(message.content) }];
  }
  const items: Fields[] = [];
  const { content } = message;
  if (content !== undefined && content !== null && content !== '') {
    items.push({
      role: message.role,
      content: typeof content === 'string' ? content : toInputParts(content, message.role),
    });
  }
  if ('tool_calls' in message) {
    for (const { id, function: called } of message.tool_calls ?? []) {
      items.push({ type: 'function_call', call_id: id, name: called.name, arguments: called.arguments });
    }
  }
  return items;
}

function toInputParts(parts: readonly ContentPart[], role: string): Fields[] {
  return parts.map((part) => {
    if (part.type === 'text') return { type: role === 'assistant' ? 'output_text' : 'input_text', text: part.text };
    if (part.type === 'image_url') return { type: 'input_image', image_url: part.image_url.url, detail: 'auto' };
    if (part.type === 'file') return { type: 'input_file', ...part.file };
    return { ...part };
  });
}

/** Source: the Anthropic API reference, `POST /v1/messages`. */
const toMessagesField: Translate = (name, value, body) => {
  switch (name) {
    case 'messages': {
      const options = { replayThinking: true, unsupported: new UnsupportedParams('drop') };
      return { system: undefined, ...toConversation(value as ChatMessage[], options) };
    }
    case 'max_completion_tokens':
      return { max_tokens: value };
    case 'stop':
      return { stop_sequences: typeof value === 'string' ? [value] : value };
    case 'user':
    case 'safety_identifier':
      return { metadata: { user_id: value } };
    case 'reasoning_effort':
      return { output_config: { ...fieldsOf(body['output_config']), effort: value } };
    case 'response_format': {
      const { schema } = fieldsOf(fieldsOf(value)['json_schema']);
      if (schema === undefined) return {};
      return { output_config: { ...fieldsOf(body['output_config']), format: { type: 'json_schema', schema } } };
    }
    case 'tools':
      return { tools: functionsOf(value).map(toAnthropicTool) };
    case 'tool_choice':
      return { tool_choice: { ...fieldsOf(body['tool_choice']), ...toAnthropicChoice(value) } };
    case 'parallel_tool_calls': {
      const choice = { type: 'auto', ...fieldsOf(body['tool_choice']) };
      return { tool_choice: { ...choice, disable_parallel_tool_use: value === false } };
    }
    default:
      return { [name]: value };
  }
};

const NO_INPUT = { type: 'object', properties: {} };

function toAnthropicTool({ name, description, parameters }: Fields): Fields {
  return { name, ...(description !== undefined && { description }), input_schema: parameters ?? NO_INPUT };
}

function toAnthropicChoice(choice: unknown): Fields {
  const name = forcedFunction(choice);
  if (name !== undefined) return { type: 'tool', name };
  return { type: choice === 'required' ? 'any' : choice };
}

/** The functions among tools of chat. */
function functionsOf(tools: unknown): Fields[] {
  return (tools as Fields[]).map((tool) => fieldsOf(tool['function']));
}

function forcedFunction(choice: unknown): unknown {
  return fieldsOf(fieldsOf(choice)['function'])['name'];
}

/** Source: ai.google.dev, API reference, "Generating content". */
const toGeminiField: Translate = (name, value, body) => {
  const setting = GEMINI_SETTINGS[name];
  if (setting !== undefined) {
    const list = name === 'stop' && typeof value === 'string' ? [value] : value;
    return { generationConfig: { ...fieldsOf(body['generationConfig']), [setting]: list } };
  }
  switch (name) {
    case 'messages': {
      const unsupported = new UnsupportedParams('drop');
      const options = { family: geminiFamily(''), unsupported, recall: () => undefined };
      return { systemInstruction: undefined, ...toContents(value as ChatMessage[], options) };
    }
    case 'tools':
      return { tools: [{ functionDeclarations: functionsOf(value).map(toDeclaration) }] };
    case 'tool_choice': {
      const forced = forcedFunction(value);
      const mode = value === 'auto' || value === 'none' ? value.toUpperCase() : 'ANY';
      const functionCallingConfig = { mode, ...(forced !== undefined && { allowedFunctionNames: [forced] }) };
      return { toolConfig: { ...fieldsOf(body['toolConfig']), functionCallingConfig } };
    }
    case 'response_format': {
      const { schema } = fieldsOf(fieldsOf(value)['json_schema']);
      const format = {
        responseMimeType: 'application/json',
        ...(schema !== undefined && { responseJsonSchema: schema }),
      };
      const { responseSchema: _, ...config } = fieldsOf(body['generationConfig']);
      return { generationConfig: { ...config, ...format } };
    }
    case 'reasoning_effort': {
      const config = fieldsOf(body['generationConfig']);
      const { thinkingBudget: _, ...thinking } = fieldsOf(config['thinkingConfig']);
      const level = value === 'none' ? { thinkingBudget: 0 } : { thinkingLevel: value };
      return { generationConfig: { ...config, thinkingConfig: { ...thinking, ...level } } };
    }
    default:
      return { [name]: value };
  }
};

function toDeclaration({ name, description, parameters }: Fields): Fields {
  return {
    name,
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parametersJsonSchema: parameters }),
  };
}

const GEMINI_SETTINGS: Readonly<Record<string, string | undefined>> = {
  max_tokens: 'maxOutputTokens',
  max_completion_tokens: 'maxOutputTokens',
  temperature: 'temperature',
  top_p: 'topP',
  top_k: 'topK',
  stop: 'stopSequences',
  seed: 'seed',
  presence_penalty: 'presencePenalty',
  frequency_penalty: 'frequencyPenalty',
};

function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}

function plainText(content: string | readonly ContentPart[]): string {
  if (typeof content === 'string') return content;
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}
