import type { GatewayError } from '../lib/errors.js';
import { compactionItem, textOfResponse, userMessages } from '../openai-api/responses/compaction.js';
import type { ResponsesRequest } from '../openai-api/responses/responses-request.js';
import type { Answer, OpenStream, Operation, TargetAttempt } from '../pipeline/operation.js';
import type { ProviderAdapter, Recollection, StreamBatch } from '../providers/adapter.js';
import { invalidAnswer } from '../providers/answer-faults.js';

type Fields = Readonly<Record<string, unknown>>;

/** How a compaction is answered: `POST responses/compact` has a form of its own; a trigger is answered as a response. */
export type CompactionForm = 'compact' | 'response';

/** Answers with a compaction: the summary is requested, held and charged like any response. */
export class CompactionOperation implements Operation {
  readonly route = 'responses';
  readonly model: string;
  readonly stream: boolean;
  readonly input: Operation['input'];
  readonly output: Operation['output'];
  readonly stickyKey: string | undefined;
  readonly endUser: string | undefined;
  readonly sentSize: Operation['sentSize'];
  readonly recalledSize: Operation['recalledSize'];
  readonly #request: ResponsesRequest;
  readonly #summary: Operation;
  readonly #form: CompactionForm;

  /** @param summary asks for the summary of `request`. */
  constructor(request: ResponsesRequest, summary: Operation, form: CompactionForm) {
    this.#request = request;
    this.#summary = summary;
    this.#form = form;
    this.model = summary.model;
    this.stream = form === 'response' && request.stream === true;
    this.input = summary.input;
    this.output = summary.output;
    this.stickyKey = summary.stickyKey;
    this.endUser = summary.endUser;
    this.sentSize = summary.sentSize;
    this.recalledSize = summary.recalledSize;
  }

  recall(adapter: ProviderAdapter, recollection: Recollection): Promise<void> | undefined {
    return this.#summary.recall?.(adapter, recollection);
  }

  fits(adapter: ProviderAdapter): boolean {
    return this.#summary.fits(adapter);
  }

  async call(adapter: ProviderAdapter, attempt: TargetAttempt): Promise<Answer> {
    const answer = await this.#summary.call(adapter, attempt);
    const { bodyWith } = answer;
    return {
      ...answer,
      body: JSON.stringify(this.#compacted(answer.body, attempt)),
      ...(bodyWith && { bodyWith: (usage) => JSON.stringify(this.#compacted(bodyWith(usage), attempt)) }),
    };
  }

  /** The summary is useless until it is whole: the events are sent at once, when it is. */
  async open(adapter: ProviderAdapter, attempt: TargetAttempt): Promise<OpenStream> {
    const answer = await this.#summary.call(adapter, attempt);
    const { usage, estimatedOutput, dropped } = answer;
    const events = (response: Fields) => eventsOf(response);
    const whole = this.#compacted(answer.body, attempt);
    return {
      batches: once({ chunks: [], finished: true, ...(usage && { usage }) }),
      encode: () => ({ text: events(whole).slice(0, -1).join(''), usage, estimatedOutput }),
      dropped,
      end: (counted) => {
        const body = usage ? answer.body : (answer.bodyWith?.(counted) ?? answer.body);
        return `${events(this.#compacted(body, attempt)).at(-1)}data: [DONE]\n\n`;
      },
    };
  }

  fail(error: GatewayError, requestId: string): string {
    return this.#summary.fail(error, requestId);
  }

  /** @throws {UpstreamError} when the model has written nothing. */
  #compacted(body: string | Uint8Array, { requestId }: TargetAttempt): Fields {
    const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
    const response = JSON.parse(text) as Fields;
    const summary = textOfResponse(response).trim();
    if (summary === '') throw invalidAnswer(new Error('the model wrote no summary'));
    const stem = requestId.replace(/^req_/, '');
    const item = compactionItem(summary, `cmp_${stem}`);
    if (this.#form === 'response') return { ...response, output: [item] };
    let count = 0;
    const kept = userMessages(this.#request, () => `msg_${stem}${(count++).toString(16).padStart(4, '0')}`);
    const { id, created_at, usage } = response;
    return { id, object: 'response.compaction', created_at, output: [...kept, item], usage };
  }
}

/** The events of a response with one item; the last one ends it. Source: the OpenAI API reference, `ResponseStreamEvent`. */
function eventsOf(response: Fields): string[] {
  const [item] = response['output'] as readonly unknown[];
  const { usage: _, ...head } = response;
  const begun = { ...head, status: 'in_progress', output: [] };
  const place = { output_index: 0, item };
  return [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    { type: 'response.output_item.added', ...place },
    { type: 'response.output_item.done', ...place },
    { type: `response.${response['status'] === 'incomplete' ? 'incomplete' : 'completed'}`, response },
  ].map((event, index) => `data: ${JSON.stringify({ ...event, sequence_number: index })}\n\n`);
}

async function* once(batch: StreamBatch): AsyncGenerator<StreamBatch, void> {
  yield batch;
}
