import { GatewayError } from '../lib/errors.js';
import { unknownOptions } from '../lib/option-names.js';
import type { Route } from '../pipeline/route.js';

const CHAT = 'POST /chat/completions';
const EMBEDDINGS = 'POST /embeddings';
const GENERATE = 'POST /models/{model}:generateContent';
const LIST = 'GET /models';
const MESSAGES = 'POST /messages';

/**
 * What other APIs call the routes of this one, by the end of the path in lower case.
 *
 * Source: the API references of Ollama (`api/…`), Cohere (`v2/chat`, `embed`), Hugging Face's text-generation-inference
 * (`generate`), Azure OpenAI (`deployments`), OpenAI's retired `engines`, Anthropic's retired `complete`, Amazon Bedrock
 * (`model/{model}/converse`, `invoke`), Vertex AI and the Gemini API (`:predict`, `:embedContent`, …).
 */
const ELSEWHERE: Readonly<Record<string, string>> = {
  chat: CHAT,
  generate: CHAT,
  generate_stream: CHAT,
  invocations: CHAT,
  embed: EMBEDDINGS,
  tags: LIST,
  engines: LIST,
  deployments: LIST,
  complete: MESSAGES,
  converse: MESSAGES,
  'converse-stream': MESSAGES,
  invoke: MESSAGES,
  'invoke-with-response-stream': MESSAGES,
  rawpredict: MESSAGES,
  streamrawpredict: MESSAGES,
  embedcontent: EMBEDDINGS,
  batchembedcontents: EMBEDDINGS,
  asyncbatchembedcontent: EMBEDDINGS,
  predict: GENERATE,
  generatetext: GENERATE,
  generatemessage: GENERATE,
};

/**
 * The error for a path without a route: names the route that was probably meant, and all routes. The path of the mount
 * itself is ''.
 */
export function unknownRoute(routes: readonly Route[], path: string): GatewayError {
  const known = [...new Set(routes.filter(({ path }) => path !== '').map(nameOf))];
  const meant = meantRoute(routes, path);
  const hint = meant !== undefined && known.includes(meant) ? ` Was ${meant} meant?` : '';
  return new GatewayError('not_found', { message: `Unknown route.${hint} The routes are: ${known.join(', ')}.` });
}

function nameOf({ method, path }: Pick<Route, 'method' | 'path'>): string {
  return `${method} /${path}`;
}

function meantRoute(routes: readonly Route[], path: string): string | undefined {
  const asked = decoded(path.split('?', 1)[0] ?? '')
    .toLowerCase()
    .trim()
    .split(/[/:]/)
    .filter(Boolean);
  return resemblingRoute(routes, asked) ?? ELSEWHERE[asked.at(-1) ?? ''];
}

/** The route that differs from the end of the asked path in a letter or two, in case, or in what is escaped. */
function resemblingRoute(routes: readonly Route[], asked: readonly string[]): string | undefined {
  const byEnd = new Map(routes.map((route) => [endOf(route), nameOf(route)]));
  const known = Object.fromEntries([...byEnd.keys()].filter((end) => end !== '').map((end) => [end, true as const]));
  for (const length of [2, 1]) {
    const name = asked.slice(-length).join('/');
    const meant = Object.hasOwn(known, name) ? name : unknownOptions({ [name]: true }, known)[0]?.meant;
    if (meant !== undefined) return byEnd.get(meant);
  }
  return undefined;
}

/** A plain path, or the verb after a parameter; empty where a path ends in a parameter. */
function endOf({ path }: Route): string {
  return path.includes('{') ? (path.split('}:')[1] ?? '') : path;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
