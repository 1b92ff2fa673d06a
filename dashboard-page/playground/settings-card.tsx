/** @jsxImportSource preact */
import { t } from '../i18n.js';
import { Field } from '../ui/controls.js';
import { TextField } from '../ui/text-field.js';

/** As typed; an empty text is the model's default. */
export interface Settings {
  readonly system: string;
  readonly temperature: string;
  readonly maxTokens: string;
}

interface SettingsCardProps {
  readonly settings: Settings;
  readonly onChange: (settings: Settings) => void;
}

/** System prompt, temperature and the longest answer. */
export function SettingsCard({ settings, onChange }: SettingsCardProps) {
  const number = (name: 'temperature' | 'maxTokens', label: string, range: object) => (
    <TextField
      label={label}
      attributes={{ ...range, type: 'number', placeholder: t('play.default') }}
      value={settings[name]}
      onInput={(value) => onChange({ ...settings, [name]: value })}
    />
  );
  return (
    <section class="card form">
      <h2>{t('play.settings')}</h2>
      <Field label={t('play.system')} hint={t('play.systemHint')}>
        {(ids) => (
          <textarea
            {...ids}
            class="input"
            rows={2}
            value={settings.system}
            onInput={(event) => onChange({ ...settings, system: event.currentTarget.value })}
          />
        )}
      </Field>
      <div class="field-row">
        {number('temperature', t('play.temperature'), { min: 0, max: 2, step: 0.1 })}
        {number('maxTokens', t('play.maxTokens'), { min: 1, max: 1_000_000 })}
      </div>
    </section>
  );
}
