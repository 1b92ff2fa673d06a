import { type CarriedReasoning, encodeReasoning, isEmpty } from '../carried-reasoning.js';
import type { OutputItem, OutputReasoning } from './response.js';
import type { ResponsesRequest } from './responses-request.js';

/** What asks for reasoning that can be sent back. */
const WITH_REASONING = 'reasoning.encrypted_content';

/** How a client wants to get a model's reasoning. */
export class ReasoningWish {
  /** Encoded, to be sent back to a server that stores nothing. */
  readonly encrypted: boolean;
  /** As text. */
  readonly summary: boolean;
  /** By the ids of other items: a client that does not say `store: false` sends references in place of items. */
  readonly reference: boolean;

  constructor({ include, reasoning, store }: ResponsesRequest) {
    this.encrypted = include?.includes(WITH_REASONING) === true;
    const { summary, generate_summary: older } = reasoning ?? {};
    this.summary = Boolean(summary ?? older);
    this.reference = store !== false;
  }

  /** True when something of the reasoning is kept or shown. */
  get any(): boolean {
    return this.encrypted || this.summary || this.reference;
  }

  /** True when an answer with such reasoning has an item for it. */
  has(carried: CarriedReasoning, text: string): boolean {
    if (this.summary && text !== '') return true;
    return this.encrypted && (!isEmpty(carried) || text !== '');
  }

  /** Reasoning that no item shows, to be remembered beside one; undefined without reasoning, or when nobody refers to it. */
  unseen(carried: CarriedReasoning, text: string): OutputReasoning | undefined {
    if (!this.reference || this.has(carried, text) || (isEmpty(carried) && text === '')) return undefined;
    return { type: 'reasoning', id: '', summary: [], encrypted_content: encodeReasoning({ ...carried, text }) };
  }

  /** The item of a whole answer's reasoning; undefined without reasoning, or when nobody wants it. */
  item(carried: CarriedReasoning, text: string, id: () => string): OutputReasoning | undefined {
    if (!this.has(carried, text)) return undefined;
    return {
      type: 'reasoning',
      id: id(),
      summary: this.summary && text !== '' ? [{ type: 'summary_text', text }] : [],
      encrypted_content: this.encode(carried, text),
    };
  }

  /** What the model's provider needs back. Text that the client sees comes back as the summary. */
  encode(carried: CarriedReasoning, text: string): string {
    return encodeReasoning(text === '' || this.summary ? carried : { ...carried, text });
  }

  /** An item as the client gets it. */
  shown(item: OutputItem): OutputItem {
    if (item.type !== 'reasoning' || this.encrypted) return item;
    const { encrypted_content: _, ...rest } = item;
    return rest;
  }
}
