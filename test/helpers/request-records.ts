import type { RequestRecord } from '../../src/requests/request-record.js';
import { NOW } from './settlements.js';

/** A request that was answered; two milliseconds a token, ten in and twenty out. */
export function recordOf(id: string, change: Partial<RequestRecord> = {}): RequestRecord {
  return {
    id,
    at: NOW,
    accountId: 'user_1',
    keyId: 'key_1',
    via: 'key',
    endUser: null,
    session: null,
    tags: null,
    route: 'chat/completions',
    stream: false,
    model: 'fast',
    provider: 'openai',
    upstreamModel: 'gpt-4o-mini',
    providerRequestId: 'req_provider',
    attempts: [
      {
        provider: 'openai',
        model: 'gpt-4o-mini',
        durationMs: 40,
        status: 200,
        fault: null,
        message: null,
        providerRequestId: 'req_provider',
      },
    ],
    status: 200,
    code: null,
    message: null,
    outcome: 'completed',
    durationMs: 42,
    firstTokenMs: null,
    usage: {
      inputTokens: 10,
      cachedInputTokens: 0,
      cacheWriteTokens: 0,
      cacheWrite1hTokens: 0,
      outputTokens: 20,
      reasoningTokens: 0,
      source: 'provider',
    },
    cost: 50_000n,
    dropped: [],
    ...change,
  };
}
