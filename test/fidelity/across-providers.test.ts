import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAKE_SIGNATURES } from '../../src/testing/fake-wire.js';
import type { FakeAnswer, FakeRequest } from '../../src/testing/index.js';
import { type AgentGateway, startAgentGateway } from '../helpers/agent-gateway.js';
import { problemOf } from '../helpers/picky-provider.js';

/** One conversation with tools and thinking, in the words of one inbound format. */
interface Conversation {
  /** Says something; the names and ids of the calls that the model answers with. */
  say(model: string, text: string): Promise<string[]>;
  /** Answers all calls of the last turn; the text that the model then says. */
  answer(model: string): Promise<string>;
}

let site: AgentGateway;
const problems: string[] = [];
let turn = 0;

/** Thinks and calls a tool when the user speaks, and says something when the tool has answered. */
function model(request: FakeRequest): FakeAnswer {
  const problem = problemOf(request);
  if (problem !== undefined) problems.push(`${request.provider} ${request.model}: ${problem}`);
  turn += 1;
  const thinking = `Thought ${turn}.`;
  if (isResult(request)) return { thinking, text: [`Said ${turn}.`] };
  const id = request.provider === 'anthropic' ? `toolu_${turn}` : `call_${turn}`;
  return { thinking, text: [`Called ${turn}.`], toolCalls: [{ id, name: 'weather', arguments: { city: 'Bern' } }] };
}

function isResult({ body }: FakeRequest): boolean {
  const list = (body?.['messages'] ?? body?.['contents'] ?? body?.['input']) as readonly object[];
  return /"tool_result"|"functionResponse"|"role":"tool"|"function_call_output"/.test(JSON.stringify(list.at(-1)));
}

beforeAll(async () => {
  site = await startAgentGateway({}, { answer: model });
});
afterAll(() => site.close());

const SCHEMA = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] };

const FORMATS: Readonly<Record<string, (stream: boolean) => Conversation>> = {
  messages(stream) {
    const client = new Anthropic({ baseURL: site.origin, apiKey: site.key, maxRetries: 0 });
    const messages: Anthropic.MessageParam[] = [];
    let calls: Anthropic.ToolUseBlock[] = [];
    const ask = async (model: string) => {
      const body = {
        model,
        messages,
        max_tokens: 8_000,
        thinking: { type: 'enabled' as const, budget_tokens: 2_000 },
        tools: [{ name: 'weather', input_schema: SCHEMA }],
      };
      const { content } = stream
        ? await client.messages.stream(body).finalMessage()
        : await client.messages.create(body);
      messages.push({ role: 'assistant', content });
      calls = content.filter((block) => block.type === 'tool_use');
      return content;
    };
    return {
      async say(model, text) {
        messages.push({ role: 'user', content: text });
        await ask(model);
        return calls.map(({ name }) => name);
      },
      async answer(model) {
        const results = calls.map(({ id }) => ({ type: 'tool_result' as const, tool_use_id: id, content: 'sun' }));
        messages.push({ role: 'user', content: results });
        return (await ask(model)).map((block) => (block.type === 'text' ? block.text : '')).join('');
      },
    };
  },

  'chat/completions'(stream) {
    const client = new OpenAI({ baseURL: `${site.origin}/v1`, apiKey: site.key, maxRetries: 0 });
    const messages: OpenAI.ChatCompletionMessageParam[] = [];
    let calls: OpenAI.ChatCompletionMessageToolCall[] = [];
    const ask = async (model: string) => {
      const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: SCHEMA } }];
      const body = { model, messages, tools };
      const completion = stream
        ? await client.chat.completions.stream(body).finalChatCompletion()
        : await client.chat.completions.create(body);
      const message = completion.choices[0]?.message;
      if (!message) throw new Error('no answer');
      messages.push(message);
      calls = message.tool_calls ?? [];
      return message.content ?? '';
    };
    return {
      async say(model, text) {
        messages.push({ role: 'user', content: text });
        await ask(model);
        return calls.map((call) => (call.type === 'function' ? call.function.name : ''));
      },
      answer(model) {
        messages.push(...calls.map(({ id }) => ({ role: 'tool' as const, tool_call_id: id, content: 'sun' })));
        return ask(model);
      },
    };
  },

  responses(stream) {
    const client = new OpenAI({ baseURL: `${site.origin}/v1`, apiKey: site.key, maxRetries: 0 });
    const input: OpenAI.Responses.ResponseInputItem[] = [];
    let calls: OpenAI.Responses.ResponseFunctionToolCall[] = [];
    const ask = async (model: string) => {
      const body = {
        model,
        input,
        store: false,
        include: ['reasoning.encrypted_content' as const],
        reasoning: { summary: 'auto' as const },
        tools: [{ type: 'function' as const, name: 'weather', parameters: SCHEMA, strict: false }],
      };
      const response = stream
        ? await client.responses.stream(body).finalResponse()
        : await client.responses.create(body);
      input.push(...(response.output as OpenAI.Responses.ResponseInputItem[]));
      calls = response.output.flatMap((item) => (item.type === 'function_call' ? [item] : []));
      return response.output_text;
    };
    return {
      async say(model, text) {
        input.push({ role: 'user', content: text });
        await ask(model);
        return calls.map(({ name }) => name);
      },
      answer(model) {
        for (const { call_id } of calls) input.push({ type: 'function_call_output', call_id, output: 'sun' });
        return ask(model);
      },
    };
  },

  gemini(stream) {
    const client = new GoogleGenAI({ apiKey: site.key, httpOptions: { baseUrl: site.origin } });
    const contents: { role: string; parts: object[] }[] = [];
    let calls: { id?: string; name?: string }[] = [];
    const ask = async (model: string) => {
      const config = {
        thinkingConfig: { includeThoughts: true },
        tools: [{ functionDeclarations: [{ name: 'weather', parametersJsonSchema: SCHEMA }] }],
      };
      const parts: object[] = [];
      let text = '';
      calls = [];
      const answers = stream
        ? await client.models.generateContentStream({ model, contents, config })
        : [await client.models.generateContent({ model, contents, config })];
      for await (const answer of answers) {
        parts.push(...(answer.candidates?.[0]?.content?.parts ?? []));
        calls.push(...((answer.functionCalls ?? []) as typeof calls));
        for (const part of answer.candidates?.[0]?.content?.parts ?? []) if (!part.thought) text += part.text ?? '';
      }
      contents.push({ role: 'model', parts });
      return text;
    };
    return {
      async say(model, text) {
        contents.push({ role: 'user', parts: [{ text }] });
        await ask(model);
        return calls.map(({ name }) => name ?? '');
      },
      answer(model) {
        const parts = calls.map(({ id, name }) => ({
          functionResponse: { ...(id && { id }), name, response: { output: 'sun' } },
        }));
        contents.push({ role: 'user', parts });
        return ask(model);
      },
    };
  },
};

/** What a model's provider has of its first turn when the conversation comes back to it. */
const KEPT: Readonly<Record<string, string>> = {
  claude: `"signature":"${FAKE_SIGNATURES.anthropic}"`,
  'claude-opus': `"signature":"${FAKE_SIGNATURES.anthropic}"`,
  'gemini-3': `"thoughtSignature":"${FAKE_SIGNATURES.google}"`,
  deepseek: '"reasoning_content":"Thought',
};

const MODELS = ['claude', 'gemini-3', 'gemini', 'deepseek', 'gpt', 'claude-opus'];

describe.each(Object.keys(FORMATS))('a conversation over %s', (format) => {
  describe.each([
    ['whole answers', false],
    ['streams', true],
  ])('%s', (_, stream) => {
    test.each(MODELS)('goes on from %s to every other model, between turns and within them', async (start) => {
      const at = MODELS.indexOf(start);
      const order = [...MODELS.slice(at), ...MODELS.slice(0, at), start];
      const conversation = FORMATS[format]?.(stream) as Conversation;
      problems.length = 0;
      for (const [index, model] of order.entries()) {
        expect(await conversation.say(model, `Question ${index}.`), model).toEqual(['weather']);
        // Every other turn goes on at the next provider before the tool has answered.
        const next = index % 2 === 0 ? model : (order[index + 1] ?? model);
        expect(await conversation.answer(next), next).toMatch(/^Said \d+\.$/);
      }
      expect(problems).toEqual([]);
      const own = KEPT[start];
      if (own !== undefined) expect(site.upstream.requests.at(-1)?.text).toContain(own);
    });
  });
});
