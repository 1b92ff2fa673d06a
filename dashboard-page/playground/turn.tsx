/** @jsxImportSource preact */
import { count, duration, money } from '../format.js';
import { t } from '../i18n.js';
import type { Facts } from './stream.js';

/** One message of the chat; of an answer also what it took. */
export interface Turn {
  readonly id: number;
  readonly role: 'user' | 'assistant';
  readonly content: string;
  readonly model?: string;
  readonly facts?: Facts;
  /** In words. */
  readonly error?: string;
  readonly stopped?: boolean;
}

export function TurnView({ turn, running }: { readonly turn: Turn; readonly running: boolean }) {
  const { role, content, model, facts, error, stopped } = turn;
  return (
    <li class={`turn turn-${role}`}>
      <b class="turn-name">{role === 'user' ? t('play.you') : model}</b>
      <div class="turn-text">{content || (running && <span class="muted">{t('play.waiting')}</span>)}</div>
      {error && (
        <p class="field-error" role="alert">
          {error}
        </p>
      )}
      {stopped && <p class="muted small">{t('play.stopped')}</p>}
      {facts && <p class="muted small">{factsText(facts)}</p>}
    </li>
  );
}

function factsText({ inputTokens, outputTokens, cost, firstMs, totalMs }: Facts): string {
  const times = { first: duration(firstMs), total: duration(totalMs) };
  const text = t('play.facts', { input: count(inputTokens), output: count(outputTokens), ...times });
  return cost === undefined ? text : `${text} · ${t('play.cost', { cost: money(cost, 'request') })}`;
}
