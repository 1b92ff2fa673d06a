import type { ChatChoice } from '../../openai-api/chat-completion.js';
import type { ChatCall } from '../adapter.js';
import type { ErrorReader } from '../openai/to-completion.js';
import { isProblem } from './error-answer.js';
import type { CompatibleFacts } from './facts.js';
import type { LearnedFields } from './learned-fields.js';
import type { ReasoningMemory } from './reasoning-memory.js';

/** What reading an answer needs from outside. */
export interface AnswerContext {
  readonly facts: CompatibleFacts;
  readonly learned: LearnedFields;
  readonly memory: ReasoningMemory;
  readonly toError: ErrorReader;
  /** A source of numbers in [0, 1). */
  readonly random: () => number;
}

/** Routers put errors into choices and messages. @throws {UpstreamError} for the first of them. */
export function refuseProblems(errors: readonly unknown[], toError: ErrorReader): void {
  for (const error of errors) if (isProblem(error)) throw toError({ headers: {}, text: JSON.stringify({ error }) });
}

/** Keeps what was thought before the calls of an answer. */
export function rememberReasoning(
  choices: readonly ChatChoice[],
  call: ChatCall,
  { facts, memory }: AnswerContext,
): void {
  if (!facts.remembersReasoning) return;
  for (const { message } of choices) {
    const ids = message.tool_calls?.map(({ id }) => id) ?? [];
    if (message.reasoning_content && ids.length > 0) memory.keep(call, ids, message.reasoning_content);
  }
}
