import { anthropic, google, openai } from '../../src/index.js';
import type { FakeAnswer, FakeRequest } from '../../src/testing/index.js';
import { fakedGateway } from '../helpers/test-gateway.js';

/** The models that clients are tested with, one for each provider. */
export const MODELS = { OpenAI: 'gpt', Anthropic: 'claude', Gemini: 'gemini' } as const;

/** A gateway on a real socket in front of the fakes of the three providers. */
export interface ClientGateway {
  /** With `/v1`. */
  readonly baseURL: string;
  readonly apiKey: string;
  close(): Promise<void>;
}

/**
 * Starts one. Its models call the first tool they are offered, say what it said, answer JSON where JSON is asked for, and repeat
 * what stands in `Say exactly <<…>>`.
 */
export async function clientGateway(): Promise<ClientGateway> {
  const price = { input: 1, output: 2 };
  const { url, key, close } = await fakedGateway(
    (upstream) => ({
      providers: {
        openai: openai(upstream.openai),
        anthropic: anthropic(upstream.anthropic),
        google: google(upstream.google),
      },
      models: {
        [MODELS.OpenAI]: { provider: 'openai', model: 'gpt-4o-mini', price },
        [MODELS.Anthropic]: { provider: 'anthropic', model: 'claude-sonnet-4-5', price },
        [MODELS.Gemini]: { provider: 'google', model: 'gemini-2.5-flash', price },
      },
    }),
    { fake: { answer: modelAnswer } },
  );
  return { baseURL: url, apiKey: key, close };
}

const RESULT = /"tool_result"|"functionResponse"|"role":"tool"|"function_call_output"/;
/** In the JSON of a request. */
const WORDS = /Say exactly <<(.*?)>>/;
const JSON_WANTED = /"json_schema"|"json_object"|"responseMimeType":"application\/json"|in JSON/;

function modelAnswer({ body, text, provider }: FakeRequest): FakeAnswer {
  const name = firstTool(body?.['tools']);
  const [, words] = WORDS.exec(text) ?? [];
  if (words !== undefined) return { text: JSON.parse(`"${words}"`) as string };
  if (RESULT.test(text)) return { text: ['It is ', 'sunny.'] };
  if (name) return { text: ['Let me ', 'see.'], toolCalls: [{ name, arguments: { city: 'Bern' } }] };
  if (JSON_WANTED.test(text)) return { text: '{"city":"Bern"}' };
  return { text: ['Hello', ` from ${provider}.`] };
}

interface AnyTool {
  readonly name?: string;
  readonly function?: { readonly name: string };
  readonly functionDeclarations?: readonly { readonly name: string }[];
}

function firstTool(tools: unknown): string | undefined {
  const [tool] = (tools ?? []) as readonly AnyTool[];
  return tool?.name ?? tool?.function?.name ?? tool?.functionDeclarations?.[0]?.name;
}
