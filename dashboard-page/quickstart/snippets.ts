import type { Message } from '../playground/stream.js';

export type SnippetLanguage = (typeof CHAT_LANGUAGES | typeof MORE_LANGUAGES)[number][0];

/** The languages of code that sends a chat. */
export const CHAT_LANGUAGES = [
  ['curl', 'curl'],
  ['node', 'Node.js'],
  ['python', 'Python'],
  ['ai-sdk', 'AI SDK'],
] as const;

/** Tools, and frameworks that build on one of these languages. */
export const MORE_LANGUAGES = [
  ['langchain', 'LangChain'],
  ['claude-code', 'Claude Code'],
  ['codex', 'Codex'],
  ['cursor', 'Cursor'],
] as const;

/** A chat to show as code; without messages it is a first request. */
export interface SnippetChat {
  readonly baseURL: string;
  readonly model: string;
  readonly messages?: readonly Message[];
  readonly temperature?: number;
  readonly maxTokens?: number;
}

const HELLO: readonly Message[] = [{ role: 'user', content: 'Hello!' }];

/** A chat with a well-known client. */
export function snippet(language: SnippetLanguage, chat: SnippetChat): string {
  return SNIPPETS[language](chat);
}

/** The JSON of a request body, indented for the place where it stands. */
function bodyOf({ model, messages = HELLO, temperature, maxTokens }: SnippetChat, indent: string): string {
  const body = { model, messages, temperature, max_tokens: maxTokens };
  return JSON.stringify(body, null, 2).replaceAll('\n', `\n${indent}`);
}

/** A single-quoted shell word holds anything but its own quote. */
function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** JSON is Python, but for what neither a message nor a number holds. */
function pythonArguments({ model, messages = HELLO, temperature, maxTokens }: SnippetChat): string {
  const lines = messages.map(
    ({ role, content }) => `        {"role": "${role}", "content": ${JSON.stringify(content)}},`,
  );
  return [
    `    model=${JSON.stringify(model)},`,
    '    messages=[',
    ...lines,
    '    ],',
    ...(temperature === undefined ? [] : [`    temperature=${temperature},`]),
    ...(maxTokens === undefined ? [] : [`    max_tokens=${maxTokens},`]),
  ].join('\n');
}

/** Keys without quotes, texts in single ones where they hold no other. */
function jsObject(value: object, indent: string): string {
  return JSON.stringify(value, null, 2)
    .replace(/^(\s*)"(\w+)":/gm, '$1$2:')
    .replace(/(: |^\s*)"((?:[^"\\'])*)"(,?)$/gm, "$1'$2'$3")
    .replaceAll('\n', `\n${indent}`);
}

const SNIPPETS: Record<SnippetLanguage, (chat: SnippetChat) => string> = {
  curl: (chat) => `curl ${chat.baseURL}/chat/completions \\
  -H "Authorization: Bearer $GATEWAY_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d ${shellWord(bodyOf(chat, '  '))}`,
  node: ({ baseURL, model, messages = HELLO, temperature, maxTokens }) => `import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: '${baseURL}',
  apiKey: process.env.GATEWAY_API_KEY,
});

const completion = await client.chat.completions.create(${jsObject({ model, messages, temperature, max_tokens: maxTokens }, '')});
console.log(completion.choices[0].message.content);`,
  python: (chat) => `import os
from openai import OpenAI

client = OpenAI(
    base_url="${chat.baseURL}",
    api_key=os.environ["GATEWAY_API_KEY"],
)

completion = client.chat.completions.create(
${pythonArguments(chat)}
)
print(completion.choices[0].message.content)`,
  'ai-sdk': ({ baseURL, model, messages = HELLO, temperature, maxTokens }) => {
    const settings = jsObject({ messages, temperature, maxOutputTokens: maxTokens }, '').replace(/^\{\n/, '');
    return `import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { streamText } from 'ai';

const gateway = createOpenAICompatible({
  name: 'gateway',
  baseURL: '${baseURL}',
  apiKey: process.env.GATEWAY_API_KEY,
});

const { textStream } = streamText({
  model: gateway('${model}'),
${settings});
for await (const text of textStream) process.stdout.write(text);`;
  },
  // Source: https://docs.langchain.com/oss/python/integrations/chat/openai
  langchain: ({ baseURL, model }) => `# pip install langchain-openai
import os
from langchain_openai import ChatOpenAI

model = ChatOpenAI(
    model=${JSON.stringify(model)},
    base_url="${baseURL}",
    api_key=os.environ["GATEWAY_API_KEY"],
)

for chunk in model.stream("Hello!"):
    print(chunk.content, end="", flush=True)`,
  'claude-code': ({ baseURL, model }) => `export ANTHROPIC_BASE_URL=${baseURL.replace(/\/v1$/, '')}
export ANTHROPIC_AUTH_TOKEN=$GATEWAY_API_KEY
export ANTHROPIC_MODEL=${model}
claude`,
  codex: ({ baseURL, model }) => `# ~/.codex/config.toml
model = "${model}"
model_provider = "gateway"

[model_providers.gateway]
name = "Gateway"
base_url = "${baseURL}"
env_key = "GATEWAY_API_KEY"
wire_api = "responses"`,
  // Cursor has no file for these; its own servers send the requests. Source: https://cursor.com/help/models-and-usage/api-keys
  cursor: ({ baseURL, model }) => `# Cursor Settings > Models > API Keys
OpenAI API Key:           the value of GATEWAY_API_KEY
Override OpenAI Base URL: ${baseURL}

# Cursor Settings > Models > Add model
${model}

# Cursor's servers send the requests: the base URL must be reachable from the internet.
# Tab completion always uses Cursor's own model.`,
};
