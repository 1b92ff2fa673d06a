import type { SeededRandom } from '../../src/testing/seeded-random.js';
import { LABELED_FILES } from './labeled-files.js';
import type { Manner } from './obedient-provider.js';
import { HOSTED_MODELS } from './targets.js';

/** One attack: a request, made so many times at once, by an account with so much money, that leaves at some moment. */
export interface AbuseCase {
  readonly path: string;
  readonly model: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly dollars: string;
  /** Where the money is: a balance, or a budget of the key on a plan that bills later. */
  readonly pays: 'balance' | 'budget';
  readonly copies: number;
  /** When the client leaves: once the provider was asked, after so many pieces of its answer, or never. */
  readonly leaves: 'asked' | number | 'never';
  readonly manner: Manner;
}

type Body = Record<string, unknown>;
type Route = 'chat' | 'responses' | 'messages' | 'gemini' | 'completions' | 'embeddings';

const ROUTES: readonly Route[] = [
  'chat',
  'chat',
  'chat',
  'responses',
  'messages',
  'gemini',
  'completions',
  'embeddings',
];
const CHAT_MODELS = ['mini', 'gpt', 'o', 'haiku', 'old', 'gemini', 'lite', 'long', 'copy', 'reasoner'];
const TYPES = [
  'image/png',
  'application/pdf',
  'text/plain',
  'video/mp4',
  'audio/wav',
  'image/svg+xml',
  'IMAGE/PNG',
  '',
] as const;
const NAMES = ['a.txt', 'a.pdf', 'a.png', 'a', 'a.pdf.txt', '../../a.mp4', undefined] as const;
const LINKS = [
  'https://e.example/600.pdf',
  'https://e.example/a.png',
  'HTTPS://e.example/1hour.mp4',
  ' https://e.example/book.txt',
  'gs://bucket/book.txt',
  'https://www.youtube.com/watch?v=abc',
  'https://generativelanguage.googleapis.com/v1beta/files/abc',
] as const;
const TEXTS = [
  'hi',
  'word '.repeat(50),
  '\u{1f701}'.repeat(60),
  '日本語の文章'.repeat(20),
  '"\\\n'.repeat(30),
] as const;
const WORDS = ['eightchr ', 'Hello, world. ', '\u{1f701}\u{1f702}', '日本語', 'x'] as const;

/** What a client might say to get more than it pays for; some of it is harmless in its place. */
const WISHES: readonly (readonly [name: string, value: unknown])[] = [
  ['model', 'gpt-5-pro'],
  ['models', ['gpt-5-pro']],
  ['n', 50],
  ['best_of', 50],
  ['candidateCount', 8],
  ['max_tokens', 100_000],
  ['max_output_tokens', 100_000],
  ['maxOutputTokens', 100_000],
  ['num_predict', 100_000],
  ['service_tier', 'priority'],
  ['contents', [{ role: 'user', parts: [{ fileData: { fileUri: 'https://www.youtube.com/watch?v=abc' } }] }]],
  ['cachedContent', 'cachedContents/abc'],
  ['messages', [{ role: 'user', content: [{ type: 'file', file: { file_id: 'file-1' } }] }]],
  ['tools', [{ type: 'web_fetch_20250910', name: 'web_fetch' }]],
  ['tools', [{ type: 'advisor_20260301', name: 'advisor', model: 'claude-opus-4-7' }]],
  ['tools', [{ googleSearch: {} }, { urlContext: {} }]],
  ['tools', [{ type: 'file_search', vector_store_ids: ['vs_1'] }]],
  ['web_search_options', {}],
  ['container', { skills: [{ model: 'claude-opus-4-7' }] }],
  ['mcp_servers', [{ type: 'url', url: 'https://e.example/mcp' }]],
  ['fallbacks', [{ model: 'claude-opus-4-7' }]],
  ['speed', 'fast'],
  ['previous_response_id', 'resp_1'],
  ['conversation', 'conv_1'],
  ['prompt', { id: 'pmpt_1' }],
  ['background', true],
  ['plugins', [{ id: 'web' }]],
  ['api_base', 'http://169.254.169.254/'],
  ['extra_body', { model: 'gpt-5-pro', n: 50, max_tokens: 100_000 }],
  ['extra_body', { extra_body: { service_tier: 'priority' } }],
  ['generationConfig', { maxOutputTokens: 100_000, candidateCount: 8, responseModalities: ['AUDIO'] }],
  ['prompt_embeds', 'AAAA'],
  ['title', 'x'.repeat(1_900)],
  ['system', [{ type: 'document', source: { type: 'url', url: 'https://e.example/600.pdf' } }]],
  ['systemInstruction', { parts: [{ fileData: { fileUri: 'https://www.youtube.com/watch?v=abc' } }] }],
  ['tools', { googleSearch: {} }],
  ['tools', { type: 'web_search_20250305', name: 'web_search' }],
  ['tools', [{ type: 'bash_20250124', name: 'bash' }]],
  ['tools', [{ type: 'function', function: { name: 'a' } }]],
  ['context_management', { edits: [{ type: 'compact_20260112' }] }],
  ['context_management', { edits: { type: 'compact_20260112' } }],
  ['prediction', { type: 'content', content: 'word '.repeat(400) }],
  ['data_sources', [{ type: 'azure_search', parameters: { endpoint: 'https://e.example' } }]],
  ['stream_options', { include_usage: false, n: 50 }],
  ['reasoning', { effort: 'high', max_tokens: 100_000 }],
  ['service_tier', 'flex'],
  ['serviceTier', 'PRIORITY'],
  ['enable_search', true],
  ['search_options', { forced_search: true }],
  ['max_new_tokens', 100_000],
  ['num_return_sequences', 50],
  ['max_tool_calls', 0],
  ['tools', [{ name: 'mine', googleSearch: {} }]],
  ['tools', [{ type: 'web_search_20250305', name: 'web_search', max_uses: 0 }]],
  ['tools', [{ type: 'computer_20250124', name: 'computer', display_width_px: 1, display_height_px: 1 }]],
  ['tools', [{ type: 'mcp', server_label: 'x', server_url: 'https://e.example/mcp', require_approval: 'never' }]],
  ['videoMetadata', { fps: '24' }],
  ['logprobs', true],
  ['top_logprobs', 20],
  ['additionalModelRequestFields', { max_tokens: 100_000 }],
  ['suffix', 'word '.repeat(200)],
  ['additionalModelRequestFields', { n: 50, max_completion_tokens: 100_000, extra_body: { model: 'gpt-5-pro' } }],
  ['inferenceConfig', { maxTokens: 100_000, maxNewTokens: 100_000 }],
  ['guardrailConfig', { guardrailIdentifier: 'g', guardrailVersion: '1' }],
  ['performanceConfig', { latency: 'optimized' }],
  ['serviceTier', { type: 'priority' }],
  ['document', { format: 'pdf', name: 'a', source: { s3Location: { uri: 's3://bucket/600.pdf' } } }],
  ['toolConfig', { tools: [{ systemTool: { name: 'nova_grounding' } }] }],
];
const PROVIDERS = ['openai', 'anthropic', 'google', 'copy', 'bedrock', 'azure', 'vertex'] as const;

const ALL_MODELS = [...CHAT_MODELS, ...HOSTED_MODELS];

/** The attack of a seed: the same for the same seed. @param models those that are asked for chat. */
export function abuseCase(random: SeededRandom, models: readonly string[] = ALL_MODELS): AbuseCase {
  const route = random.pick(ROUTES);
  const model = route === 'embeddings' ? random.pick(['embed', 'copy']) : random.pick(models);
  const { path, body } = requestOf(route, model, random);
  /** The AI SDK reads ahead: what it has in hand when a client leaves, nobody was given. */
  const readsAhead = model.startsWith('sdk-');
  for (let left = random.integer(0, 2); left > 0; left -= 1) wish(body, random);
  return {
    path,
    model,
    body,
    dollars: random.pick(['0.0003', '0.002', '0.01', '0.05', '0.3', '2', '40']),
    pays: random.next() < 0.8 ? 'balance' : 'budget',
    copies: random.pick([1, 1, 1, 1, 2, 4]),
    leaves: momentOf(random.pick(['never', 'never', 'never', 'asked', 0, 1, 2, 3, 4, 6]), readsAhead),
    manner: {
      reports: random.next() < 0.85,
      greedy: random.next() < 0.7,
      words: Array.from({ length: random.integer(1, 3) }, () => random.pick(WORDS).repeat(random.pick([1, 1, 8]))),
    },
  };
}

function momentOf(leaves: AbuseCase['leaves'], readsAhead: boolean): AbuseCase['leaves'] {
  return readsAhead && typeof leaves === 'number' ? 'asked' : leaves;
}

/** Puts a wish somewhere: at the top, under the native options, or in any object of the request. */
function wish(body: Body, random: SeededRandom): void {
  const [name, wanted] = random.pick(WISHES);
  const value = structuredClone(wanted);
  const place = random.integer(0, 3);
  if (place === 0) body[name] ??= value;
  else if (place === 1) {
    const provider = random.pick(PROVIDERS);
    const options = { ...((body['provider_options'] as Body | undefined)?.[provider] as Body), [name]: value };
    body['provider_options'] = { ...(body['provider_options'] as Body), [provider]: options };
  } else {
    const objects: Body[] = [];
    collect(body, objects);
    const object = random.pick(objects);
    object[name] ??= value;
  }
}

function collect(value: unknown, objects: Body[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) objects.push(value as Body);
  for (const inner of Object.values(value)) collect(inner, objects);
}

function requestOf(route: Route, model: string, random: SeededRandom): { path: string; body: Body } {
  const limit = random.pick([undefined, 1, 16, 100, 1_000, 40_000]);
  const stream = random.next() < 0.5;
  const many = <T>(make: () => T) => Array.from({ length: random.integer(1, 3) }, make);
  switch (route) {
    case 'chat': {
      const name = random.pick(['max_tokens', 'max_completion_tokens']);
      return {
        path: '/v1/chat/completions',
        body: {
          model,
          messages: [
            ...(random.next() < 0.2 ? chatHistory(random) : []),
            { role: 'user', content: many(() => chatPart(random)) },
          ],
          ...(random.next() < 0.2 && { tools: [chatTool(random)] }),
          ...(limit !== undefined && { [name]: limit }),
          ...(stream && { stream }),
          ...(random.next() < 0.1 && { n: random.integer(1, 4) }),
          ...(random.next() < 0.1 && { reasoning_effort: 'high' }),
        },
      };
    }
    case 'responses':
      return {
        path: '/v1/responses',
        body: {
          model,
          input: [
            { role: 'user', content: many(() => responsesPart(random)) },
            ...(random.next() < 0.2 ? calls(random) : []),
          ],
          ...(limit !== undefined && { max_output_tokens: Math.max(16, limit) }),
          ...(stream && { stream }),
        },
      };
    case 'messages':
      return {
        path: '/v1/messages',
        body: {
          model,
          max_tokens: limit ?? 200,
          messages: [{ role: 'user', content: many(() => messagesBlock(random)) }],
          ...(stream && { stream }),
          ...(random.next() < 0.1 && { thinking: { type: 'enabled', budget_tokens: 1_024 } }),
        },
      };
    case 'gemini':
      return {
        path: `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
        body: {
          contents: [{ role: 'user', parts: many(() => geminiPart(random)) }],
          ...(limit !== undefined && { generationConfig: { maxOutputTokens: limit } }),
        },
      };
    case 'completions':
      return {
        path: '/v1/completions',
        body: {
          model,
          prompt: random.pick([random.pick(TEXTS), many(() => random.pick(TEXTS))]),
          ...(limit !== undefined && { max_tokens: limit }),
          ...(random.next() < 0.1 && { suffix: random.pick(TEXTS) }),
          ...(stream && { stream }),
        },
      };
    case 'embeddings':
      return {
        path: '/v1/embeddings',
        body: { model, input: random.next() < 0.2 ? Array(90).fill('a') : many(() => random.pick(TEXTS)) },
      };
  }
}

/** The data of a file under any type, written in one of the ways that decoders take. */
function dataUrl(random: SeededRandom): string {
  const { base64, bytes } = random.pick(LABELED_FILES);
  const type = random.pick(TYPES);
  switch (random.integer(0, 5)) {
    case 0:
      return `data:${type};base64,${base64.replace(/.{60}/g, '$& ')}`;
    case 1:
      return `data:${type},${bytes.length < 4_000 ? escape(bytes.toString('latin1')) : 'x'}`;
    case 2:
      return `DATA:${type};charset=utf-8;base64,${base64}`;
    default:
      return `data:${type};base64,${base64}`;
  }
}

function chatPart(random: SeededRandom): Body {
  const { base64 } = random.pick(LABELED_FILES);
  const filename = random.pick(NAMES);
  switch (random.integer(0, 7)) {
    case 0:
      return {
        type: 'image_url',
        image_url: { url: random.pick(LINKS), detail: random.pick(['low', 'high', 'auto']) },
      };
    case 1:
      return { type: 'image_url', image_url: { url: dataUrl(random), detail: random.pick(['low', 'high', 'auto']) } };
    case 2:
      return {
        type: 'file',
        file: { filename, file_data: random.pick([dataUrl(random), base64, random.pick(LINKS)]) },
      };
    case 3:
      return { type: 'file', file: { file_id: 'file-1', filename } };
    case 4:
      return { type: 'input_audio', input_audio: { data: base64, format: random.pick(['wav', 'mp3']) } };
    case 5:
      return { type: random.pick(['video_url', 'document', 'custom']), video_url: { url: random.pick(LINKS) } };
    default:
      return { type: 'text', text: random.pick(TEXTS) };
  }
}

/** A call and its result, one of which may not be there. */
function chatHistory(random: SeededRandom): Body[] {
  const call = { id: 'call_1', type: 'function', function: { name: 'look', arguments: '{}' } };
  const [isCalled, isAnswered] = random.pick([
    [true, true],
    [true, true],
    [true, false],
    [false, true],
  ] as const);
  return [
    { role: 'system', content: [{ type: 'text', text: random.pick(TEXTS) }] },
    ...(isCalled ? [{ role: 'assistant', content: random.pick([null, random.pick(TEXTS)]), tool_calls: [call] }] : []),
    ...(isAnswered
      ? [{ role: 'tool', tool_call_id: 'call_1', content: random.pick([random.pick(TEXTS), [chatPart(random)]]) }]
      : []),
  ];
}

function chatTool(random: SeededRandom): Body {
  const definition = { name: 'look', description: random.pick(TEXTS), parameters: { type: 'object', properties: {} } };
  return { type: 'function', function: definition };
}

function responsesPart(random: SeededRandom): Body {
  const filename = random.pick(NAMES);
  switch (random.integer(0, 5)) {
    case 0:
      return { type: 'input_image', image_url: random.pick([dataUrl(random), random.pick(LINKS)]) };
    case 1:
      return { type: 'input_image', file_id: 'file-1' };
    case 2:
      return { type: 'input_file', filename, file_data: dataUrl(random) };
    case 3:
      return { type: 'input_file', file_url: random.pick(LINKS), filename };
    default:
      return { type: 'input_text', text: random.pick(TEXTS) };
  }
}

/** A call and its result, in which parts hide behind an empty list. */
function calls(random: SeededRandom): Body[] {
  return [
    { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
    { type: 'function_call_output', call_id: 'c', content: [], output: [responsesPart(random)] },
  ];
}

function messagesBlock(random: SeededRandom): Body {
  const { base64 } = random.pick(LABELED_FILES);
  const media_type = random.pick(TYPES);
  switch (random.integer(0, 6)) {
    case 0:
      return { type: 'image', source: { type: 'base64', media_type, data: base64 } };
    case 1:
      return { type: 'document', source: { type: 'base64', media_type, data: base64 }, title: 'a.txt' };
    case 2:
      return { type: random.pick(['image', 'document']), source: { type: 'url', url: random.pick(LINKS) } };
    case 3:
      return { type: 'document', source: { type: 'file', file_id: 'file_1' } };
    case 4:
      return { type: 'document', source: { type: 'content', content: [messagesBlock(random)] } };
    default:
      return { type: 'text', text: random.pick(TEXTS) };
  }
}

function geminiPart(random: SeededRandom): Body {
  const { base64 } = random.pick(LABELED_FILES);
  const mimeType = random.pick(TYPES);
  switch (random.integer(0, 4)) {
    case 0:
      return { inlineData: { mimeType, data: base64 } };
    case 1:
      return { inline_data: { mime_type: mimeType, data: base64 } };
    case 2:
      return { fileData: { fileUri: random.pick(LINKS), mimeType } };
    default:
      return { text: random.pick(TEXTS) };
  }
}
