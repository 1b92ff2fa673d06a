/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { apiUrl } from '../client.js';
import { t } from '../i18n.js';
import { isChat } from '../models/is-chat.js';
import { choose, type Place } from '../router.js';
import type { ModelList, Session } from '../shapes.js';
import { Empty, Loaded, PageHead } from '../ui/states.js';
import { useResource } from '../use-resource.js';
import { ChatColumn } from './chat-column.js';
import { CodeView } from './code-view.js';
import { Prompt } from './prompt.js';
import { type Settings, SettingsCard } from './settings-card.js';
import { messagesOf, useChat } from './use-chat.js';

/** A chat with any model of the plan: what does it say, and what does it cost? */
export function PlaygroundPage({ place, session }: { readonly place: Place; readonly session: Session }) {
  const models = useResource<ModelList>(apiUrl('models'));
  return (
    <>
      <PageHead title={t('nav.playground')} intro={t('play.intro')} />
      <Loaded resource={models} rows={8}>
        {({ data }) => <Chats place={place} models={data} baseURL={session.baseURL} />}
      </Loaded>
    </>
  );
}

interface ChatsProps {
  readonly place: Place;
  readonly models: ModelList['data'];
  readonly baseURL: string;
}

/** One question to one model or to two, side by side. */
function Chats({ place, models, baseURL }: ChatsProps) {
  const [prompt, setPrompt] = useState('');
  const [settings, setSettings] = useState<Settings>({ system: '', temperature: '', maxTokens: '' });
  const [first, second] = [useChat(), useChat()];
  const chats = models.filter(isChat);
  const [model = chats[0], other] = ['model', 'with'].map((name) =>
    chats.find(({ id }) => id === place.query.get(name)),
  );
  if (!model) return <Empty title={t('models.empty')} hint={t('models.emptyHint')} />;
  const all = other ? [first, second] : [first];
  const running = all.some((chat) => chat.running);
  const limits = limitsOf(settings);
  const submit = (event: Event) => {
    event.preventDefault();
    if (prompt.trim() === '' || running) return;
    void first.send(prompt, settings.system, { model: model.id, ...limits });
    if (other) void second.send(prompt, settings.system, { model: other.id, ...limits });
    setPrompt('');
  };
  const clear = () => {
    for (const chat of [first, second]) chat.clear();
  };
  const compare = () => {
    second.clear();
    choose(place, { with: other ? undefined : (chats.find(({ id }) => id !== model.id) ?? model).id });
  };
  const turns = first.turns.some(({ role }) => role === 'user') ? messagesOf(first.turns, settings.system) : undefined;
  return (
    <>
      <div class="toolbar">
        <button type="button" class="button" aria-pressed={other !== undefined} disabled={running} onClick={compare}>
          {t(other ? 'play.single' : 'play.compare')}
        </button>
        <button type="button" class="button" disabled={first.turns.length === 0 || running} onClick={clear}>
          {t('play.clear')}
        </button>
      </div>
      <div class={other ? 'chats chats-two' : 'chats'}>
        <ChatColumn
          label={t('quickstart.model')}
          models={chats}
          model={model}
          chat={first}
          onModel={(id) => choose(place, { model: id })}
        />
        {other && (
          <ChatColumn
            label={t('play.otherModel')}
            models={chats}
            model={other}
            chat={second}
            onModel={(id) => choose(place, { with: id })}
          />
        )}
      </div>
      <Prompt
        value={prompt}
        running={running}
        onInput={setPrompt}
        onSubmit={submit}
        onStop={() => {
          for (const chat of all) chat.stop();
        }}
      />
      <SettingsCard settings={settings} onChange={setSettings} />
      <CodeView
        chat={{
          baseURL: new URL(baseURL, location.href).href.replace(/\/$/, ''),
          model: model.id,
          ...(turns && { messages: turns }),
          ...limits,
        }}
      />
    </>
  );
}

function limitsOf({ temperature, maxTokens }: Settings) {
  return {
    ...(temperature !== '' && { temperature: Number(temperature) }),
    ...(maxTokens !== '' && { maxTokens: Number(maxTokens) }),
  };
}
