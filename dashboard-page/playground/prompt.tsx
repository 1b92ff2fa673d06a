/** @jsxImportSource preact */
import { t } from '../i18n.js';
import { Field } from '../ui/controls.js';

interface PromptProps {
  readonly value: string;
  readonly running: boolean;
  readonly onInput: (value: string) => void;
  readonly onSubmit: (event: Event) => void;
  readonly onStop: () => void;
}

/** What to ask; Enter sends, Shift and Enter begin a new line. */
export function Prompt({ value, running, onInput, onSubmit, onStop }: PromptProps) {
  return (
    <form class="card prompt" onSubmit={onSubmit}>
      <Field label={t('play.prompt')} labelHidden>
        {(ids) => (
          <textarea
            {...ids}
            class="input"
            rows={3}
            placeholder={t('play.placeholder')}
            value={value}
            onInput={(event) => onInput(event.currentTarget.value)}
            onKeyDown={(event) => event.key === 'Enter' && !event.shiftKey && !event.isComposing && onSubmit(event)}
          />
        )}
      </Field>
      {running ? (
        <button type="button" class="button" onClick={onStop}>
          {t('play.stop')}
        </button>
      ) : (
        <button type="submit" class="button button-primary">
          {t('play.send')}
        </button>
      )}
    </form>
  );
}
