import { afterEach } from 'vitest';
import {
  anthropic,
  type Gateway,
  type GatewayOptions,
  google,
  type Hook,
  openai,
  openaiCompatible,
} from '../../src/index.js';
import { type FakeUpstream, fakeUpstream } from '../../src/testing/index.js';
import { unservedGateway } from '../helpers/test-gateway.js';
import { notingLogger } from '../helpers/test-logger.js';

/** Closed after each test. */
export const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.close();
});

/** A gateway with hooks, in front of the fakes of all providers. */
export interface Site {
  readonly gateway: Gateway;
  readonly upstream: FakeUpstream;
  readonly log: string[];
  readonly key: string;
  post(route: string, body: object): Promise<{ status: number; text: string; json: () => Answer }>;
  /** What the account has used. */
  used(): Promise<Record<string, unknown> | undefined>;
}

export interface Answer extends Record<string, unknown> {
  readonly error: { readonly code: string; readonly message: string; readonly type: string };
  readonly choices: {
    readonly message: Record<string, unknown>;
    readonly finish_reason: string;
    readonly text: string;
  }[];
}

/** Models, each named after its provider. */
export const PROVIDERS = ['openai', 'compatible', 'anthropic', 'google'];

/** A gateway with a model of each provider, named after it. */
export async function site(hooks: readonly Hook[], options: Partial<GatewayOptions> = {}): Promise<Site> {
  const upstream = await fakeUpstream();
  const log: string[] = [];
  const note = (fields: unknown, text?: string) => void log.push(`${text} ${JSON.stringify(fields)}`);
  const gateway = unservedGateway({
    providers: {
      openai: openai(upstream.openai),
      compatible: openaiCompatible(upstream.openai),
      anthropic: anthropic(upstream.anthropic),
      google: google(upstream.google),
    },
    models: Object.fromEntries(PROVIDERS.map((provider) => [provider, { provider, price: { input: 1, output: 2 } }])),
    logger: notingLogger(note),
    hooks,
    ...options,
  });
  open.push(upstream, { close: () => gateway.close({ deadlineMs: 0 }) });
  const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });
  return {
    gateway,
    upstream,
    log,
    key,
    async post(route, body) {
      const isForm = body instanceof FormData;
      const headers = { authorization: `Bearer ${key}`, ...(!isForm && { 'content-type': 'application/json' }) };
      const sent = isForm ? body : JSON.stringify(body);
      const request = new Request(`http://gateway/v1/${route}`, { method: 'POST', headers, body: sent });
      const response = await gateway.fetch(request);
      const text = await response.text();
      return { status: response.status, text, json: () => JSON.parse(text) as Answer };
    },
    async used() {
      return (await gateway.usage.query({ accountId: 'user_1' }))[0] as unknown as Record<string, unknown> | undefined;
    },
  };
}

export const chat = (model: string, more: object = {}) => ({
  model,
  messages: [{ role: 'user', content: 'Tell me.' }],
  ...more,
});

/** The texts of a streamed chat answer, and how it ended. */
export function readStream(text: string) {
  const chunks = [...text.matchAll(/^data: (\{.*)$/gm)].map(([, data]) => JSON.parse(String(data)));
  const choices = chunks.flatMap((chunk) => chunk.choices ?? []);
  return {
    content: choices.map((choice) => choice.delta.content ?? '').join(''),
    refusal: choices.map((choice) => choice.delta.refusal ?? '').join(''),
    finish: choices.map((choice) => choice.finish_reason).filter(Boolean),
    done: text.trimEnd().endsWith('data: [DONE]'),
  };
}
