/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { apiUrl } from '../client.js';
import { money } from '../format.js';
import { t } from '../i18n.js';
import { snippet } from '../quickstart/snippets.js';
import { choose, type Place } from '../router.js';
import type { ModelList, Session } from '../shapes.js';
import { CopyButton, Field } from '../ui/controls.js';
import { Select } from '../ui/select.js';
import { Empty, Loaded, PageHead } from '../ui/states.js';
import { useResource } from '../use-resource.js';
import { type Settings, SettingsCard } from './settings-card.js';
import { TurnView } from './turn.js';
import { useChat } from './use-chat.js';

/** A chat with any model of the plan: what does it say, and what does it cost? */
export function PlaygroundPage({ place, session }: { readonly place: Place; readonly session: Session }) {
  const models = useResource<ModelList>(apiUrl('models'));
  return (
    <>
      <PageHead title={t('nav.playground')} intro={t('play.intro')} />
      <Loaded resource={models} rows={8}>
        {({ data }) => <Chat place={place} models={data} baseURL={session.baseURL} />}
      </Loaded>
    </>
  );
}

interface ChatProps {
  readonly place: Place;
  readonly models: ModelList['data'];
  readonly baseURL: string;
}

function Chat({ place, models, baseURL }: ChatProps) {
  const [prompt, setPrompt] = useState('');
  const [settings, setSettings] = useState<Settings>({ system: '', temperature: '', maxTokens: '' });
  const chat = useChat();
  const chats = models.filter(({ output }) => output.includes('text'));
  const model = chats.find(({ id }) => id === place.query.get('model')) ?? chats[0];
  if (!model) return <Empty title={t('models.empty')} hint={t('models.emptyHint')} />;
  const submit = (event: Event) => {
    event.preventDefault();
    if (prompt.trim() === '' || chat.running) return;
    const { system, temperature, maxTokens } = settings;
    void chat.send(prompt, system, {
      model: model.id,
      ...(temperature !== '' && { temperature: Number(temperature) }),
      ...(maxTokens !== '' && { maxTokens: Number(maxTokens) }),
    });
    setPrompt('');
  };
  const code = snippet('curl', new URL(baseURL, location.href).href.replace(/\/$/, ''), model.id);
  return (
    <>
      <div class="toolbar">
        <Select
          label={t('quickstart.model')}
          value={model.id}
          options={chats.map(({ id }) => [id, id] as const)}
          onChange={(id) => choose(place, { model: id })}
        />
        <span class="muted small">
          {t('models.input')} {money(model.price.input)} · {t('models.output')} {money(model.price.output)} / 1M
        </span>
        <button type="button" class="button" disabled={chat.turns.length === 0 || chat.running} onClick={chat.clear}>
          {t('play.clear')}
        </button>
      </div>
      <section class="card">
        {chat.turns.length === 0 ? (
          <Empty title={t('play.empty')} hint={t('play.emptyHint')} />
        ) : (
          <ol class="turns" aria-live="polite" aria-busy={chat.running || undefined}>
            {chat.turns.map((turn, index) => (
              <TurnView key={turn.id} turn={turn} running={chat.running && index === chat.turns.length - 1} />
            ))}
          </ol>
        )}
        <form class="prompt" onSubmit={submit}>
          <Field label={t('play.prompt')} labelHidden>
            {(ids) => (
              <textarea
                {...ids}
                class="input"
                rows={3}
                placeholder={t('play.placeholder')}
                value={prompt}
                onInput={(event) => setPrompt(event.currentTarget.value)}
                onKeyDown={(event) => event.key === 'Enter' && !event.shiftKey && !event.isComposing && submit(event)}
              />
            )}
          </Field>
          {chat.running ? (
            <button type="button" class="button" onClick={chat.stop}>
              {t('play.stop')}
            </button>
          ) : (
            <button type="submit" class="button button-primary">
              {t('play.send')}
            </button>
          )}
        </form>
      </section>
      <SettingsCard settings={settings} onChange={setSettings} />
      <details class="more">
        <summary>{t('play.code')}</summary>
        <pre class="code">
          <code>{code}</code>
        </pre>
        <CopyButton text={code} />
      </details>
    </>
  );
}
