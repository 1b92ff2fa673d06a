/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { apiUrl } from '../client.js';
import { t } from '../i18n.js';
import type { ModelList, Session } from '../shapes.js';
import { CopyButton, Segmented } from '../ui/controls.js';
import { Loaded, PageHead } from '../ui/states.js';
import { useResource } from '../use-resource.js';
import { CHAT_LANGUAGES, MORE_LANGUAGES, type SnippetLanguage, snippet } from './snippets.js';

/** How to send a first request through this gateway. */
export function QuickstartPage({ session }: { readonly session: Session }) {
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
          <FirstRequest baseURL={baseURL} />
        </li>
      </ol>
    </>
  );
}

/** A snippet in the visitor's language for one of the plan's models. */
function FirstRequest({ baseURL }: { readonly baseURL: string }) {
  const models = useResource<ModelList>(apiUrl('models'));
  return (
    <>
      <h2>{t('quickstart.send')}</h2>
      <Loaded resource={models} rows={9}>
        {({ data }) => <Snippet baseURL={baseURL} models={data.map(({ id }) => id)} />}
      </Loaded>
    </>
  );
}

function Snippet({ baseURL, models }: { readonly baseURL: string; readonly models: readonly string[] }) {
  const [language, setLanguage] = useState<SnippetLanguage>('curl');
  const [chosen, setChosen] = useState<string>();
  const code = snippet(language, { baseURL, model: chosen ?? models[0] ?? '' });
  return (
    <>
      <div class="toolbar">
        <Segmented
          label={t('quickstart.language')}
          value={language}
          options={[...CHAT_LANGUAGES, ...MORE_LANGUAGES]}
          onChange={setLanguage}
        />
        <select
          class="input input-auto"
          aria-label={t('quickstart.model')}
          value={chosen ?? models[0]}
          onChange={(event) => setChosen(event.currentTarget.value)}
        >
          {models.map((id) => (
            <option key={id}>{id}</option>
          ))}
        </select>
        <CopyButton text={code} />
      </div>
      <pre class="code">
        <code>{code}</code>
      </pre>
    </>
  );
}
