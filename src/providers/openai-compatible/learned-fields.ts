import { type Fields, isFields } from '../openai/fields.js';

/** The extensions that one endpoint has put into its messages and calls, which therefore may go back to it. */
export class LearnedFields {
  readonly message = new Set<string>();
  readonly call = new Set<string>();

  /** Looks at a message, or a piece of one, as it came. */
  learn(message: Fields): void {
    for (const name of LEARNABLE) if (isSaid(message[name])) this.message.add(name);
    const { tool_calls: calls } = message;
    if (!Array.isArray(calls)) return;
    for (const call of calls) if (isFields(call) && isSaid(call.extra_content)) this.call.add('extra_content');
  }
}

const LEARNABLE = ['reasoning', 'reasoning_content', 'reasoning_details', 'extra_content'];

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
