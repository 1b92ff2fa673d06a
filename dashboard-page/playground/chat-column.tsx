/** @jsxImportSource preact */
import { money } from '../format.js';
import { t } from '../i18n.js';
import type { Model } from '../shapes.js';
import { Select } from '../ui/select.js';
import { Empty } from '../ui/states.js';
import { TurnView } from './turn.js';
import type { Chat } from './use-chat.js';

interface ChatColumnProps {
  readonly label: string;
  readonly models: readonly Model[];
  readonly model: Model;
  readonly chat: Chat;
  readonly onModel: (id: string) => void;
}

/** A model with its prices, and what it said. */
export function ChatColumn({ label, models, model, chat, onModel }: ChatColumnProps) {
  return (
    <section class="card chat-column" aria-label={label}>
      <div class="chat-head">
        <Select label={label} value={model.id} options={models.map(({ id }) => [id, id] as const)} onChange={onModel} />
        <span class="muted small">
          {t('models.input')} {money(model.price.input)} · {t('models.output')} {money(model.price.output)} / 1M
        </span>
      </div>
      {chat.turns.length === 0 ? (
        <Empty title={t('play.empty')} hint={t('play.emptyHint')} />
      ) : (
        <ol class="turns" aria-live="polite" aria-busy={chat.running || undefined}>
          {chat.turns.map((turn, index) => (
            <TurnView key={turn.id} turn={turn} running={chat.running && index === chat.turns.length - 1} />
          ))}
        </ol>
      )}
    </section>
  );
}
