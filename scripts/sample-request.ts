import type { RequestRecord } from '../src/requests/request-record.js';

/** One in this many was answered by another provider than the first. */
const FELL_BACK = 23;
/** One in this many failed. */
const FAILED = 19;
const PROVIDERS: Readonly<Record<string, string>> = { gpt: 'openai', claude: 'anthropic', gemini: 'google' };

type Facts = Pick<RequestRecord, 'id' | 'accountId' | 'keyId' | 'at' | 'usage' | 'cost'> & { readonly model: string };

/** Whether the request of this time failed; such a request costs nothing. */
export function isFailure(at: number): boolean {
  return at % FAILED === 0;
}

/** The log's record of a believable request: most are answered at once, some by a fallback, some not at all. */
export function sampleRequest(facts: Facts): RequestRecord {
  const number = facts.at % (FELL_BACK * FAILED);
  const durationMs = 600 + (facts.at % 5_400);
  const failed = isFailure(facts.at);
  const provider = PROVIDERS[facts.model.split('-')[0] ?? ''] ?? '';
  const attempt = { provider, model: facts.model, providerRequestId: `preq_${facts.at.toString(36)}` };
  const refused = { ...attempt, durationMs: 240, status: 503, fault: 'status', message: 'The model is overloaded.' };
  const answered = { ...attempt, durationMs, status: 200, fault: null, message: null };
  return {
    ...facts,
    ...{ via: 'key', endUser: null, session: null, tags: null, route: 'chat/completions', stream: number % 2 === 0 },
    ...{ provider, upstreamModel: facts.model, providerRequestId: attempt.providerRequestId },
    attempts: failed
      ? [refused, { ...refused, durationMs: 900 }]
      : number % FELL_BACK === 0
        ? [refused, { ...answered, provider: `${provider}-eu` }]
        : [answered],
    status: failed ? 503 : 200,
    code: failed ? 'upstream_error' : null,
    message: failed ? 'The provider could not answer: the model is overloaded.' : null,
    outcome: failed ? 'error' : 'completed',
    durationMs,
    firstTokenMs: failed ? null : 180 + (facts.at % 700),
    dropped: number % 17 === 0 ? ['logit_bias', 'parallel_tool_calls'] : [],
  };
}
