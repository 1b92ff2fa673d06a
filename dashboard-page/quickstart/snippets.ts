export type SnippetLanguage = 'curl' | 'node' | 'python' | 'ai-sdk' | 'claude-code' | 'codex';

/** A first request with a well-known client. */
export function snippet(language: SnippetLanguage, baseURL: string, model: string): string {
  return SNIPPETS[language](baseURL, model);
}

const SNIPPETS: Record<SnippetLanguage, (baseURL: string, model: string) => string> = {
  curl: (baseURL, model) => `curl ${baseURL}/chat/completions \\
  -H "Authorization: Bearer $GATEWAY_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{
    "model": "${model}",
    "messages": [{ "role": "user", "content": "Hello!" }]
  }'`,
  node: (baseURL, model) => `import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: '${baseURL}',
  apiKey: process.env.GATEWAY_API_KEY,
});

const completion = await client.chat.completions.create({
  model: '${model}',
  messages: [{ role: 'user', content: 'Hello!' }],
});
console.log(completion.choices[0].message.content);`,
  python: (baseURL, model) => `import os
from openai import OpenAI

client = OpenAI(
    base_url="${baseURL}",
    api_key=os.environ["GATEWAY_API_KEY"],
)

completion = client.chat.completions.create(
    model="${model}",
    messages=[{"role": "user", "content": "Hello!"}],
)
print(completion.choices[0].message.content)`,
  'ai-sdk': (baseURL, model) => `import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { streamText } from 'ai';

const gateway = createOpenAICompatible({
  name: 'gateway',
  baseURL: '${baseURL}',
  apiKey: process.env.GATEWAY_API_KEY,
});

const { textStream } = streamText({ model: gateway('${model}'), prompt: 'Hello!' });
for await (const text of textStream) process.stdout.write(text);`,
  'claude-code': (baseURL, model) => `export ANTHROPIC_BASE_URL=${baseURL.replace(/\/v1$/, '')}
export ANTHROPIC_AUTH_TOKEN=$GATEWAY_API_KEY
export ANTHROPIC_MODEL=${model}
claude`,
  codex: (baseURL, model) => `# ~/.codex/config.toml
model = "${model}"
model_provider = "gateway"

[model_providers.gateway]
name = "Gateway"
base_url = "${baseURL}"
env_key = "GATEWAY_API_KEY"
wire_api = "responses"`,
};
