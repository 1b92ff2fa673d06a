/** @jsxImportSource preact */
import { ApiError } from '../client.js';
import { ago, date } from '../format.js';
import { t } from '../i18n.js';
import { keyUrl } from '../reads.js';
import { addressOf, type Place } from '../router.js';
import type { Key } from '../shapes.js';
import { Facts } from '../ui/facts.js';
import { Icon } from '../ui/icons.js';
import { Empty, Loaded } from '../ui/states.js';
import { RangePicker } from '../usage/range-picker.js';
import { UsageReport } from '../usage/usage-report.js';
import { useResource } from '../use-resource.js';
import { KeyBudget } from './key-budget.js';
import { useKeyDialogs } from './key-dialogs.js';
import { Expiry } from './key-table.js';

const REFRESH_MS = 15_000;

/** One key: what it may do, what it did. */
export function KeyPage({ id, place }: { readonly id: string; readonly place: Place }) {
  const key = useResource<Key>(keyUrl(id), REFRESH_MS);
  const dialogs = useKeyDialogs(key.reload);
  const unknown = key.error instanceof ApiError && key.error.status === 404;
  return (
    <>
      <a class="back" href="#/keys">
        <Icon name="back" />
        {t('keys.title')}
      </a>
      {!key.data && (
        <h1 class="visually-hidden" tabIndex={-1}>
          {t('keys.title')}
        </h1>
      )}
      {unknown ? (
        <Empty title={t('keys.unknown')} hint={t('keys.unknownHint')} />
      ) : (
        <Loaded resource={key} rows={8}>
          {(data) => <Details apiKey={data} dialogs={dialogs} place={place} />}
        </Loaded>
      )}
      {dialogs.shown}
    </>
  );
}

interface DetailsProps {
  readonly apiKey: Key;
  readonly place: Place;
  readonly dialogs: ReturnType<typeof useKeyDialogs>;
}

function Details({ apiKey, place, dialogs }: DetailsProps) {
  const { id, name, hint, createdAt, lastUsedAt, models, allowIps, routes, metadata, lockedBudget } = apiKey;
  const notes = Object.entries(metadata ?? {}).map(([note, value]) => `${note}: ${value}`);
  return (
    <>
      <header class="page-head">
        <div>
          <h1 tabIndex={-1}>
            <bdi>{name}</bdi>
          </h1>
          <p>
            <code>{hint}</code>
          </p>
        </div>
        <div class="page-actions">
          {dialogs.actionsOf(apiKey).map(({ text, danger, run }) => (
            <button key={text} type="button" class={danger ? 'button button-danger-quiet' : 'button'} onClick={run}>
              {text}
            </button>
          ))}
        </div>
      </header>
      <section class="card">
        <Facts
          facts={[
            [t('keys.id'), <code key="id">{id}</code>],
            [t('keys.created'), date(createdAt)],
            [t('keys.lastUsed'), ago(lastUsedAt)],
            [t('keys.expires'), <Expiry key="expires" apiKey={apiKey} />],
            [t('keys.budget'), <KeyBudget key="budget" apiKey={apiKey} />],
            [lockedBudget ? t('keys.lockedBudget') : '', lockedBudget ? ' ' : ''],
            [t('keys.models'), models ? models.join(', ') : t('keys.allModels')],
            [t('keys.ips'), allowIps?.join(', ')],
            [t('keys.routes'), routes?.join(', ')],
            [t('keys.metadata'), notes.join(', ')],
          ]}
        />
      </section>
      <div class="toolbar history-bar">
        <h2>{t('usage.title')}</h2>
        <RangePicker place={place} />
        <a class="button" href={addressOf(['requests'], { keyId: id })}>
          {t('nav.requests')}
        </a>
      </div>
      <UsageReport
        scope="own"
        place={place}
        group="model"
        only={{ keyId: id }}
        groupTitle={t('usage.model')}
        nameOf={(model) => model}
      />
    </>
  );
}
