import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import type { AgentGateway } from './agent-gateway.js';

/** One conversation with tools and thinking, in the words of one inbound format. */
export interface Conversation {
  /** Says something, and may show a picture; the names and ids of the calls that the model answers with. */
  say(model: string, text: string, picture?: string): Promise<string[]>;
  /** Answers all calls of the last turn; the text that the model then says. */
  answer(model: string): Promise<string>;
}

const SCHEMA = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] };

/** Every inbound format, spoken by the official client of its API. A picture is the base64 of a PNG. */
export const FORMATS: Readonly<
  Record<string, (site: Pick<AgentGateway, 'origin' | 'key'>, stream: boolean) => Conversation>
> = {
  messages(site, stream) {
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
      async say(model, text, picture) {
        messages.push({
          role: 'user',
          content: [
            { type: 'text', text },
            ...(picture === undefined
              ? []
              : [
                  {
                    type: 'image' as const,
                    source: { type: 'base64' as const, media_type: 'image/png' as const, data: picture },
                  },
                ]),
          ],
        });
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

  'chat/completions'(site, stream) {
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
      async say(model, text, picture) {
        messages.push({
          role: 'user',
          content: [
            { type: 'text', text },
            ...(picture === undefined
              ? []
              : [{ type: 'image_url' as const, image_url: { url: `data:image/png;base64,${picture}` } }]),
          ],
        });
        await ask(model);
        return calls.map((call) => (call.type === 'function' ? call.function.name : ''));
      },
      answer(model) {
        messages.push(...calls.map(({ id }) => ({ role: 'tool' as const, tool_call_id: id, content: 'sun' })));
        return ask(model);
      },
    };
  },

  responses(site, stream) {
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
      async say(model, text, picture) {
        input.push({
          role: 'user',
          content: [
            { type: 'input_text', text },
            ...(picture === undefined
              ? []
              : [
                  {
                    type: 'input_image' as const,
                    detail: 'auto' as const,
                    image_url: `data:image/png;base64,${picture}`,
                  },
                ]),
          ],
        });
        await ask(model);
        return calls.map(({ name }) => name);
      },
      answer(model) {
        for (const { call_id } of calls) input.push({ type: 'function_call_output', call_id, output: 'sun' });
        return ask(model);
      },
    };
  },

  gemini(site, stream) {
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
      async say(model, text, picture) {
        const shown = picture === undefined ? [] : [{ inlineData: { mimeType: 'image/png', data: picture } }];
        contents.push({ role: 'user', parts: [{ text }, ...shown] });
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
