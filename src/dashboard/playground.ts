import { LRUCache } from 'lru-cache';
import type { GatewayRequest, GatewayResponse } from '../http/exchange.js';
import type { DashboardGateway } from './dashboard-gateway.js';

/** How long a token of the playground lives, and how long before its end a new one is made. */
const TTL_MS = 60 * 60_000;
const RENEW_MS = 15 * 60_000;
const MOST_TOKENS = 10_000;

/** What a visitor asks a model. */
export interface PlaygroundRequest {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly temperature?: number;
  readonly maxTokens?: number;
}

/**
 * Runs chats of the page under a short-lived session token of the visitor's account: plan, limits and money are those of
 * any other request, and the token never leaves the process.
 */
export class Playground {
  readonly #gateway: DashboardGateway;
  readonly #now: () => number;
  readonly #tokens = new LRUCache<string, { readonly token: Promise<string>; readonly renewAt: number }>({
    max: MOST_TOKENS,
  });

  constructor(gateway: DashboardGateway, now: () => number) {
    this.#gateway = gateway;
    this.#now = now;
  }

  /** The gateway's own streamed answer, refusals included. */
  async ask(accountId: string, asked: PlaygroundRequest, { signal }: GatewayRequest): Promise<GatewayResponse> {
    const answer = await this.#send(accountId, asked, signal);
    if (answer.status !== 401) return answer;
    // The visitor may have ended the token.
    this.#tokens.delete(accountId);
    return this.#send(accountId, asked, signal);
  }

  async #send(accountId: string, asked: PlaygroundRequest, signal: AbortSignal): Promise<GatewayResponse> {
    const { maxTokens, ...rest } = asked;
    const body = JSON.stringify({
      ...rest,
      ...(maxTokens !== undefined && { max_tokens: maxTokens }),
      stream: true,
      stream_options: { include_usage: true },
      usage: { include: true },
    });
    return this.#gateway.handle({
      method: 'POST',
      path: '/chat/completions',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await this.#tokenFor(accountId)}`,
      },
      body: () => new TextEncoder().encode(body),
      signal,
    });
  }

  #tokenFor(accountId: string): Promise<string> {
    const known = this.#tokens.get(accountId);
    if (known && known.renewAt > this.#now()) return known.token;
    const token = this.#gateway.sessions
      .create({ accountId, ttl: TTL_MS, session: 'playground' })
      .then((session) => session.token);
    this.#tokens.set(accountId, { token, renewAt: this.#now() + TTL_MS - RENEW_MS });
    token.catch(() => this.#tokens.delete(accountId));
    return token;
  }
}
