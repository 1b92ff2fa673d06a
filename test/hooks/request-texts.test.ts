import { describe, expect, test } from 'vitest';
import { changeTexts, textOfRequest } from '../../src/hooks/request-texts.js';
import { geminiTexts } from '../../src/routes/gemini/gemini-texts.js';
import { messageTexts } from '../../src/routes/messages/message-texts.js';
import { chatTexts } from '../../src/routes/openai-texts.js';

/** Texts that the model reads; the word must be seen and replaced in all of them. */
const OPENAI: Readonly<Record<string, object>> = {
  'a message': { messages: [{ role: 'user', content: 'SECRET' }] },
  'a message that begins like a data URL': { messages: [{ role: 'user', content: 'data: SECRET' }] },
  'a part': { messages: [{ role: 'user', content: [{ type: 'text', text: 'SECRET' }] }] },
  'arguments of a call': {
    messages: [
      { role: 'assistant', tool_calls: [{ id: 'c', function: { name: 'f', arguments: '{"name":"SECRET"}' } }] },
    ],
  },
  'a result': { messages: [{ role: 'tool', tool_call_id: 'c', content: 'SECRET' }] },
  thoughts: { messages: [{ role: 'assistant', content: '', reasoning_content: 'SECRET' }] },
  'a prediction': { messages: [], prediction: { type: 'content', content: 'SECRET' } },
  'a description of a tool': { tools: [{ type: 'function', function: { name: 'f', description: 'SECRET' } }] },
  'a description in a schema': {
    tools: [{ function: { parameters: { type: 'object', properties: { a: { description: 'SECRET' } } } } }],
  },
  'a description in an answer format': {
    response_format: { type: 'json_schema', json_schema: { schema: { description: 'SECRET' } } },
  },
  'a prompt': { prompt: ['a', 'SECRET'] },
  'a suffix': { prompt: 'a', suffix: 'SECRET' },
  'an input': { input: 'SECRET' },
  instructions: { input: 'a', instructions: 'SECRET' },
  'an item': { input: [{ role: 'user', content: [{ type: 'input_text', text: 'SECRET' }] }] },
  'an output of a function': { input: [{ type: 'function_call_output', call_id: 'c', output: 'SECRET' }] },
  'the input of a custom tool': { input: [{ type: 'custom_tool_call', call_id: 'c', name: 'f', input: 'SECRET' }] },
  'variables of a stored prompt': { prompt: { id: 'p', variables: { a: 'SECRET' } } },
  'the format of a response': {
    input: 'a',
    text: { format: { type: 'json_schema', schema: { description: 'SECRET' } } },
  },
};

const ANTHROPIC: Readonly<Record<string, object>> = {
  'a system text': { system: [{ type: 'text', text: 'SECRET' }] },
  'the input of a call under any name': {
    messages: [
      { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input: { data: { url: 'SECRET' } } }] },
    ],
  },
  'a document of plain text': {
    messages: [
      {
        role: 'user',
        content: [{ type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'SECRET' } }],
      },
    ],
  },
  'instructions of a compaction': { context_management: { edits: [{ type: 'compact_1', instructions: 'SECRET' }] } },
};

const GEMINI: Readonly<Record<string, object>> = {
  'contents of Gemini': { contents: [{ parts: [{ text: 'SECRET' }] }] },
  'a system instruction': { systemInstruction: { parts: [{ text: 'SECRET' }] } },
  'a system instruction in snake case': { system_instruction: { parts: [{ text: 'SECRET' }] } },
  'arguments of Gemini': { contents: [{ parts: [{ functionCall: { name: 'f', args: { name: 'SECRET' } } }] }] },
  'a result of Gemini': {
    contents: [{ parts: [{ function_response: { name: 'f', response: { data: 'SECRET', type: 'x' } } }] }],
  },
  'a declaration of Gemini': { tools: [{ functionDeclarations: [{ name: 'f', description: 'SECRET' }] }] },
};

describe.each([
  { format: chatTexts, bodies: OPENAI },
  { format: messageTexts, bodies: ANTHROPIC },
  { format: geminiTexts, bodies: GEMINI },
])('text', ({ format, bodies }) => {
  test.each(Object.entries(bodies))('is %s', (_name, body) => {
    expect(textOfRequest(body, format)).toContain('SECRET');
    const changed = changeTexts(body, format, (text) => text.replaceAll('SECRET', '***'));
    expect(JSON.stringify(changed)).toBe(JSON.stringify(body).replace('SECRET', '***'));
  });
});

describe('what is no text stays as it is', () => {
  test.each([
    { messages: [{ role: 'user', name: 'ann', content: [{ type: 'image_url', image_url: { url: 'data:x' } }] }] },
    { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }] }] },
    {
      messages: [
        { role: 'user', content: [{ type: 'image', source: { type: 'base64', media_type: 'i', data: 'AA' } }] },
      ],
    },
    { input: [{ type: 'reasoning', id: 'r', encrypted_content: 'x' }] },
    { contents: [{ role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data: 'AA' } }] }] },
    { tools: [{ type: 'function', function: { name: 'f', parameters: { required: ['city'], enum: ['a'] } } }] },
    { model: 'm', user: 'ann', metadata: { a: 'b' }, stop: ['x'] },
  ])('%j', (body) => {
    for (const format of [chatTexts, messageTexts, geminiTexts]) {
      expect(textOfRequest(body, format)).toBe('');
      expect(changeTexts(body, format, () => 'changed')).toEqual(body);
    }
  });
});
