/** @jsxImportSource preact */
import { t } from '../i18n.js';
import { Segmented } from '../ui/controls.js';

interface ModelPickerProps {
  readonly models: readonly string[];
  /** Undefined: all of them. */
  readonly chosen: readonly string[] | undefined;
  readonly error: string | undefined;
  readonly onChange: (chosen: readonly string[] | undefined) => void;
}

/** All models of the plan, or a choice among them. */
export function ModelPicker({ models, chosen, error, onChange }: ModelPickerProps) {
  // What the plan no longer has can be taken away.
  const offered = [...new Set([...models, ...(chosen ?? [])])];
  const toggle = (model: string, on: boolean) =>
    onChange(on ? [...(chosen ?? []), model] : (chosen ?? []).filter((other) => other !== model));
  return (
    <div class="field">
      <span class="field-label">{t('keys.models')}</span>
      <Segmented
        label={t('keys.models')}
        value={chosen ? 'some' : 'all'}
        options={[
          ['all', t('keys.allModels')],
          ['some', t('keys.someModels')],
        ]}
        onChange={(scope) => onChange(scope === 'all' ? undefined : [])}
      />
      {chosen && (
        <fieldset class="checklist">
          <legend class="visually-hidden">{t('keys.chosenModels')}</legend>
          {offered.map((model) => (
            <label key={model} class="check">
              <input
                type="checkbox"
                checked={chosen.includes(model)}
                onChange={(event) => toggle(model, event.currentTarget.checked)}
              />
              <span>{model}</span>
            </label>
          ))}
        </fieldset>
      )}
      {error && (
        <div class="field-hint field-error" role="alert">
          {error}
        </div>
      )}
    </div>
  );
}
