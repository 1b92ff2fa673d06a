/** @jsxImportSource preact */
import { apiUrl, post } from '../client.js';
import { now } from '../clock.js';
import { ago, dateTime, money } from '../format.js';
import { t } from '../i18n.js';
import type { SessionTokens } from '../shapes.js';
import { Loaded } from '../ui/states.js';
import { Table } from '../ui/table.js';
import { notify, notifyError } from '../ui/toasts.js';
import { useResource } from '../use-resource.js';

type Session = SessionTokens[number];

const REFRESH_MS = 15_000;

/** Short-lived tokens that run under the account: whom each is for, until when, and a way to end it. */
export function SessionsCard() {
  const sessions = useResource<{ readonly data: SessionTokens | null }>(apiUrl('sessions'), REFRESH_MS);
  const rows = sessions.data?.data ?? [];
  if (!sessions.data && sessions.error !== undefined)
    return (
      <section class="card" aria-label={t('sessions.title')}>
        <Loaded resource={sessions}>{() => null}</Loaded>
      </section>
    );
  if (rows.length === 0) return null;
  const end = async (id: string) => {
    try {
      await post(`sessions/${encodeURIComponent(id)}/revoke`);
      notify(t('sessions.wasEnded'));
      sessions.reload();
    } catch (error) {
      notifyError(error);
    }
  };
  return (
    <>
      <h2 class="section-title">{t('sessions.title')}</h2>
      <p class="section-intro">{t('sessions.intro')}</p>
      <section class="card card-table">
        <Table
          label={t('sessions.title')}
          rows={rows}
          rowKey={({ id }) => id}
          columns={[
            { title: t('sessions.for'), header: true, cell: (session) => <Subject session={session} /> },
            { title: t('keys.created'), cell: ({ createdAt }) => <time dateTime={createdAt}>{ago(createdAt)}</time> },
            { title: t('keys.lastUsed'), cell: ({ lastUsedAt }) => ago(lastUsedAt) },
            { title: t('sessions.ends'), cell: (session) => <End session={session} /> },
            { title: t('keys.budget'), numeric: true, cell: ({ budget }) => (budget === null ? '–' : money(budget)) },
            {
              title: t('keys.actions'),
              quiet: true,
              cell: (session) =>
                isLive(session) && (
                  <button
                    type="button"
                    class="button"
                    aria-label={t('sessions.endOf', { name: session.hint })}
                    onClick={() => void end(session.id)}
                  >
                    {t('sessions.end')}
                  </button>
                ),
            },
          ]}
        />
      </section>
    </>
  );
}

function isLive({ revokedAt, expiresAt }: Session): boolean {
  return revokedAt === null && Date.parse(expiresAt) > now();
}

/** The end user or session that a token is for; its hint where it names none. */
function Subject({ session: { endUser, session, hint } }: { readonly session: Session }) {
  return (
    <span class="stack">
      <bdi class="strong">{endUser ?? session ?? hint}</bdi>
      {(endUser || session) && <code class="muted small">{hint}</code>}
    </span>
  );
}

function End({ session }: { readonly session: Session }) {
  if (session.revokedAt) return <span class="badge badge-warn">{t('sessions.ended')}</span>;
  if (!isLive(session)) return <span class="badge">{t('keys.expired')}</span>;
  return <time dateTime={session.expiresAt}>{dateTime(session.expiresAt)}</time>;
}
