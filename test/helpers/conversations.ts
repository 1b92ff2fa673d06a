import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import type { AgentGateway } from './agent-gateway.js';

/** One conversation with tools and thinking, in the words of one inbound format. */
export interface Conversation {
  /** Says something, and may show a picture and a document; the names of the calls that the model answers with. */
  say(model: string, text: string, picture?: string, document?: string): Promise<string[]>;
  /** Answers all calls of the last turn, by its failure where the tool failed; the text that the model then says. */
  answer(model: string, failed?: boolean): Promise<string>;
  /** The ids of all calls so far that had one. */
  readonly ids: readonly string[];
}

const said = (failed: boolean) => (failed ? 'Error: no such city' : 'sun');

const SCHEMA = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] };

/** Every inbound format, spoken by the official client of its API. A picture is the base64 of a PNG, a document that of a PDF. */
export const FORMATS: Readonly<
  Record<string, (site: Pick<AgentGateway, 'origin' | 'key'>, stream: boolean) => Conversation>
> = {
  messages(site, stream) {
    const client = new Anthropic({ baseURL: site.origin, apiKey: site.key, maxRetries: 0 });
    const messages: Anthropic.MessageParam[] = [];
    const ids: string[] = [];
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
      ids.push(...calls.map(({ id }) => id));
      return content;
    };
    return {
      ids,
      async say(model, text, picture, document) {
        const content: Anthropic.ContentBlockParam[] = [{ type: 'text', text }];
        if (picture !== undefined)
          content.push({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: picture } });
        if (document !== undefined)
          content.push({ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: document } });
        messages.push({ role: 'user', content });
        await ask(model);
        return calls.map(({ name }) => name);
      },
      async answer(model, failed = false) {
        const result = { type: 'tool_result' as const, content: said(failed), ...(failed && { is_error: true }) };
        const results = calls.map(({ id }) => ({ ...result, tool_use_id: id }));
        messages.push({ role: 'user', content: results });
        return (await ask(model)).map((block) => (block.type === 'text' ? block.text : '')).join('');
      },
    };
  },

  'chat/completions'(site, stream) {
    const client = new OpenAI({ baseURL: `${site.origin}/v1`, apiKey: site.key, maxRetries: 0 });
    const messages: OpenAI.ChatCompletionMessageParam[] = [];
    const ids: string[] = [];
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
      ids.push(...calls.map(({ id }) => id));
      return message.content ?? '';
    };
    return {
      ids,
      async say(model, text, picture, document) {
        const content: OpenAI.ChatCompletionContentPart[] = [{ type: 'text', text }];
        if (picture !== undefined)
          content.push({ type: 'image_url', image_url: { url: `data:image/png;base64,${picture}` } });
        if (document !== undefined)
          content.push({
            type: 'file',
            file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${document}` },
          });
        messages.push({ role: 'user', content });
        await ask(model);
        return calls.map((call) => (call.type === 'function' ? call.function.name : ''));
      },
      answer(model, failed = false) {
        const result = { role: 'tool' as const, content: said(failed) };
        messages.push(...calls.map(({ id }) => ({ ...result, tool_call_id: id })));
        return ask(model);
      },
    };
  },

  responses(site, stream) {
    const client = new OpenAI({ baseURL: `${site.origin}/v1`, apiKey: site.key, maxRetries: 0 });
    const input: OpenAI.Responses.ResponseInputItem[] = [];
    const ids: string[] = [];
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
      ids.push(...calls.map(({ call_id: id }) => id));
      return response.output_text;
    };
    return {
      ids,
      async say(model, text, picture, document) {
        const content: OpenAI.Responses.ResponseInputContent[] = [{ type: 'input_text', text }];
        if (picture !== undefined)
          content.push({ type: 'input_image', detail: 'auto', image_url: `data:image/png;base64,${picture}` });
        if (document !== undefined)
          content.push({
            type: 'input_file',
            filename: 'a.pdf',
            file_data: `data:application/pdf;base64,${document}`,
          });
        input.push({ role: 'user', content });
        await ask(model);
        return calls.map(({ name }) => name);
      },
      answer(model, failed = false) {
        const result = { type: 'function_call_output' as const, output: said(failed) };
        input.push(...calls.map(({ call_id }) => ({ ...result, call_id })));
        return ask(model);
      },
    };
  },

  gemini(site, stream) {
    const client = new GoogleGenAI({ apiKey: site.key, httpOptions: { baseUrl: site.origin } });
    const contents: { role: string; parts: object[] }[] = [];
    const ids: string[] = [];
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
      ids.push(...calls.flatMap(({ id }) => id ?? []));
      return text;
    };
    return {
      ids,
      async say(model, text, picture, document) {
        const content: object[] = [{ text }];
        if (picture !== undefined) content.push({ inlineData: { mimeType: 'image/png', data: picture } });
        if (document !== undefined) content.push({ inlineData: { mimeType: 'application/pdf', data: document } });
        contents.push({ role: 'user', parts: content });
        await ask(model);
        return calls.map(({ name }) => name ?? '');
      },
      answer(model, failed = false) {
        const response = { [failed ? 'error' : 'output']: said(failed) };
        const parts = calls.map(({ id, name }) => ({ functionResponse: { ...(id && { id }), name, response } }));
        contents.push({ role: 'user', parts });
        return ask(model);
      },
    };
  },
};
