import { type CarriedReasoning, decodeReasoning } from '../openai-api/carried-reasoning.js';
import type { ContentPart, ToolCall } from '../openai-api/chat-message.js';
import type { AssistantMessage, CacheControl, ReasoningDetail } from '../openai-api/chat-request.js';
import { isObject } from '../openai-api/field-checks.js';
import type { Block } from './messages-request.js';
import { type ChatTarget, type Drop, stringOf } from './to-chat-content.js';

/** Marks what only Claude accepts back; the name OpenRouter gave this format. */
const CLAUDE_FORMAT = 'anthropic-claude-v1';

/**
 * A turn of the assistant as one chat message; undefined when nothing is left of it. Thinking goes back to where it came
 * from: Claude's own to Claude, what this gateway signed to the model that it was signed for.
 */
export function toAssistantMessage(
  content: string | readonly Block[],
  target: ChatTarget,
  drop: Drop,
): AssistantMessage | undefined {
  if (typeof content === 'string') return content === '' ? undefined : { role: 'assistant', content };
  const turn = new AssistantTurn(target, drop);
  content.forEach((block, index) => {
    turn.add(block, index);
  });
  return turn.message();
}

class AssistantTurn {
  readonly #parts: ContentPart[] = [];
  readonly #calls: ToolCall[] = [];
  readonly #carried: CarriedReasoning = { details: [], calls: {} };
  #thoughts = '';
  #offset = 0;

  constructor(
    private readonly target: ChatTarget,
    private readonly drop: Drop,
  ) {}

  add(block: Block, index: number): void {
    switch (block.type) {
      case 'text':
        this.#text(block);
        break;
      case 'tool_use':
        this.#calls.push({
          id: stringOf(block['id']),
          type: 'function',
          function: { name: stringOf(block['name']), arguments: JSON.stringify(block['input'] ?? {}) },
        });
        break;
      case 'thinking':
        this.#think(block, stringOf(block['signature']), index);
        break;
      case 'redacted_thinking':
        this.#think(block, stringOf(block['data']), index);
        break;
      default:
        if (this.target.claude) this.#detail({ type: 'anthropic.block', block }, index);
        // it stands for all that was said before, which clients cut away
        else if (block.type === 'compaction') this.#text({ ...block, text: block['content'] });
        else this.drop(`messages.${block.type.replace(/[^\w.-]/g, '_').slice(0, 64)}`);
    }
  }

  #text(block: Block): void {
    const text = stringOf(block['text']);
    if (text === '') return;
    this.#offset += text.length;
    const mark = block['cache_control'];
    const marked = this.target.claude && isObject(mark);
    this.#parts.push({ type: 'text', text, ...(marked && { cache_control: mark as unknown as CacheControl }) });
  }

  #think(block: Block, signature: string, index: number): void {
    this.#thoughts += stringOf(block['thinking']);
    const carried = decodeReasoning(signature);
    if (carried) {
      this.#thoughts += carried.text ?? '';
      this.#carried.details.push(...carried.details);
      if (carried.extra) this.#carried.extra = { ...this.#carried.extra, ...carried.extra };
      Object.assign(this.#carried.calls, carried.calls);
    } else if (this.target.claude) {
      const { type, thinking, data } = block;
      if (type === 'redacted_thinking') this.#detail({ type: 'reasoning.encrypted', data: stringOf(data) }, index);
      else this.#detail({ type: 'reasoning.text', text: stringOf(thinking), signature }, index);
    }
  }

  #detail(detail: ReasoningDetail, index: number): void {
    const place = this.#offset > 0 ? { content_offset: this.#offset } : {};
    this.#carried.details.push({ ...detail, format: CLAUDE_FORMAT, index, ...place });
  }

  message(): AssistantMessage | undefined {
    if (this.#parts.length === 0 && this.#calls.length === 0) return undefined;
    const { details, extra, calls } = this.#carried;
    const toolCalls = this.#calls.map((call) => {
      const own = Object.hasOwn(calls, call.id) ? calls[call.id] : undefined;
      return own ? { ...call, extra_content: own } : call;
    });
    const [first] = this.#parts;
    const plain = this.#parts.length === 1 && first?.type === 'text' && first.cache_control === undefined;
    return {
      role: 'assistant',
      content: plain ? first.text : this.#parts.length === 0 ? null : this.#parts,
      ...(this.#thoughts !== '' && { reasoning_content: this.#thoughts }),
      ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
      ...(details.length > 0 && { reasoning_details: details }),
      ...(extra && { extra_content: extra }),
    };
  }
}
