/** @jsxImportSource preact */
import { apiUrl } from '../client.js';
import { t } from '../i18n.js';
import { isChat } from '../models/is-chat.js';
import { snippet } from '../quickstart/snippets.js';
import type { Home, ModelList, Session } from '../shapes.js';
import { CopyButton } from '../ui/controls.js';
import { Icon } from '../ui/icons.js';
import { useResource } from '../use-resource.js';

/** The way of a new account: a key, a first request, then its own code. */
export function FirstSteps({ started, session }: { readonly started: Home['started']; readonly session: Session }) {
  const baseURL = new URL(session.baseURL, location.href).href.replace(/\/$/, '');
  const models = useResource<ModelList>(apiUrl('models'));
  const model = models.data?.data.find(isChat);
  const code = model && snippet('curl', { baseURL, model: model.id });
  return (
    <section class="card">
      <h2>{t('first.title')}</h2>
      <ol class="first-steps">
        <li class={started.key ? 'step step-done' : 'step'}>
          <Step done={started.key} title={t('first.key')} />
          {!started.key && (
            <a class="button button-primary" href="#/keys">
              {t('keys.create')}
            </a>
          )}
        </li>
        <li class={started.request ? 'step step-done' : 'step'}>
          <Step done={started.request} title={t('first.request')} />
          {started.key && !started.request && code && (
            <>
              <pre class="code">
                <code>{code}</code>
              </pre>
              <CopyButton text={code} />
              <p class="muted small">{t('first.waiting')}</p>
            </>
          )}
        </li>
        <li class="step">
          <Step done={false} title={t('first.code')} />
          <a class="button" href="#/quickstart">
            {t('nav.quickstart')}
          </a>
        </li>
      </ol>
    </section>
  );
}

function Step({ done, title }: { readonly done: boolean; readonly title: string }) {
  return (
    <h3>
      <span class="step-mark">{done && <Icon name="check" />}</span>
      {title}
      {done && <span class="visually-hidden"> {t('action.done')}</span>}
    </h3>
  );
}
