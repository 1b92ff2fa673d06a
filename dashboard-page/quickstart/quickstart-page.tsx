/** @jsxImportSource preact */
import { apiUrl } from '../client.js';
import { t } from '../i18n.js';
import { isChat } from '../models/is-chat.js';
import { choose, type Place } from '../router.js';
import type { ModelList, Session } from '../shapes.js';
import { CopyButton, Segmented } from '../ui/controls.js';
import { Select } from '../ui/select.js';
import { Loaded, PageHead } from '../ui/states.js';
import { useResource } from '../use-resource.js';
import { CHAT_LANGUAGES, MORE_LANGUAGES, type SnippetLanguage, snippet } from './snippets.js';

/** How to send a first request through this gateway. */
export function QuickstartPage({ place, session }: { readonly place: Place; readonly session: Session }) {
  const baseURL = new URL(session.baseURL, location.href).href.replace(/\/$/, '');
  return (
    <>
      <PageHead title={t('quickstart.title')} intro={t('quickstart.intro')} />
      <ol class="steps">
        <li class="card">
          <h2>{t('quickstart.baseURL')}</h2>
          <div class="secret">
            <code>{baseURL}</code>
            <CopyButton text={baseURL} />
          </div>
        </li>
        <li class="card">
          <h2>{t('quickstart.getKey')}</h2>
          <p class="muted">{t('quickstart.getKeyHint')}</p>
          <a class="button" href="#/keys">
            {t('keys.create')}
          </a>
        </li>
        <li class="card">
          <FirstRequest place={place} baseURL={baseURL} />
        </li>
      </ol>
    </>
  );
}

/** A snippet in the visitor's language for one of the plan's models. */
function FirstRequest({ place, baseURL }: { readonly place: Place; readonly baseURL: string }) {
  const models = useResource<ModelList>(apiUrl('models'));
  return (
    <>
      <h2>{t('quickstart.send')}</h2>
      <Loaded resource={models} rows={9}>
        {({ data }) => <Snippet place={place} baseURL={baseURL} models={data.filter(isChat).map(({ id }) => id)} />}
      </Loaded>
    </>
  );
}

interface SnippetProps {
  readonly place: Place;
  readonly baseURL: string;
  readonly models: readonly string[];
}

const LANGUAGES: readonly (readonly [SnippetLanguage, string])[] = [...CHAT_LANGUAGES, ...MORE_LANGUAGES];

function Snippet({ place, baseURL, models }: SnippetProps) {
  const [language] = LANGUAGES.find(([one]) => one === place.query.get('for')) ?? (['curl'] as const);
  const model = place.query.get('model') ?? models[0] ?? '';
  const code = snippet(language, { baseURL, model });
  return (
    <>
      <div class="toolbar">
        <Segmented
          label={t('quickstart.language')}
          value={language}
          options={LANGUAGES}
          onChange={(one) => choose(place, { for: one })}
        />
        <Select
          label={t('quickstart.model')}
          value={model}
          options={models.map((id) => [id, id] as const)}
          onChange={(id) => choose(place, { model: id })}
        />
        <CopyButton text={code} />
      </div>
      <pre class="code">
        <code>{code}</code>
      </pre>
    </>
  );
}
