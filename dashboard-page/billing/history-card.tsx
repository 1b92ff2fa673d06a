/** @jsxImportSource preact */
import { useEffect, useState } from 'preact/hooks';
import { apiUrl } from '../client.js';
import { count, money, monthName, utcDay } from '../format.js';
import { t } from '../i18n.js';
import { monthUrl, thisMonth } from '../reads.js';
import { addressOf } from '../router.js';
import type { Entry, MoneyMonth } from '../shapes.js';
import { Segmented } from '../ui/controls.js';
import { DownloadLink } from '../ui/download-link.js';
import { Icon } from '../ui/icons.js';
import { Empty, Loaded } from '../ui/states.js';
import { Table } from '../ui/table.js';
import { useResource } from '../use-resource.js';

const REFRESH_MS = 15_000;
type Shown = 'all' | 'usage' | 'credits';

/**
 * A month of money: one line for what the requests of a day cost, one for every other movement.
 *
 * @param props.changes how often this page has moved money: the history is read anew.
 */
export function HistoryCard({ changes }: { readonly changes: number }) {
  const [month, setMonth] = useState(thisMonth);
  const [shown, setShown] = useState<Shown>('all');
  const data = useResource<MoneyMonth>(monthUrl(month), REFRESH_MS);
  useEffect(() => {
    if (changes > 0) data.reload();
  }, [changes, data.reload]);
  return (
    <>
      <div class="toolbar history-bar">
        <h2>{t('billing.history')}</h2>
        <Segmented
          label={t('history.type')}
          value={shown}
          options={(['all', 'usage', 'credits'] as const).map((one) => [one, t(`history.${one}`)] as const)}
          onChange={setShown}
        />
        <MonthPicker month={month} onChange={setMonth} />
        <DownloadLink href={apiUrl('credits/month.csv', { month })} />
      </div>
      <section class="card card-table">
        <Loaded resource={data}>{(answer) => <MonthTable lines={linesOf(answer, shown)} />}</Loaded>
      </section>
    </>
  );
}

interface Line {
  readonly id: string;
  readonly at: string;
  readonly day?: string;
  readonly kind: Entry['kind'];
  readonly details: string;
  readonly amount: string;
}

function linesOf({ days, movements }: MoneyMonth, shown: Shown): Line[] {
  const usage = days.map(({ day, requests, cost }) => ({
    ...{ id: day, day, kind: 'usage' as const, amount: `-${cost}` },
    at: `${day}T23:59:59.999Z`,
    details: t('history.requests', { n: count(requests) }),
  }));
  const credits = movements.map(({ id, at, kind, amount, note, reference }) => ({
    ...{ id, at, kind, amount },
    details: note ?? reference,
  }));
  const lines = [...(shown === 'credits' ? [] : usage), ...(shown === 'usage' ? [] : credits)];
  return lines.sort((a, b) => (a.at < b.at ? 1 : -1));
}

function MonthTable({ lines }: { readonly lines: readonly Line[] }) {
  if (lines.length === 0) return <Empty title={t('history.none')} hint={t('history.noneHint')} />;
  return (
    <Table
      label={t('billing.history')}
      rows={lines}
      rowKey={({ id }) => id}
      columns={[
        { title: t('billing.date'), cell: ({ at, day }) => <time dateTime={at}>{utcDay(day ?? at)}</time> },
        { title: t('billing.kind'), header: true, cell: ({ kind }) => <b class="strong">{t(`entry.${kind}`)}</b> },
        {
          title: t('billing.details'),
          cell: ({ details, day }) =>
            day ? (
              <a href={addressOf(['requests'], { utcDay: day })}>{details}</a>
            ) : (
              <bdi class="clip muted" title={details}>
                {details}
              </bdi>
            ),
        },
        { title: t('billing.amount'), numeric: true, cell: ({ amount }) => <Amount amount={amount} /> },
      ]}
    />
  );
}

/** Money that came in is green and has a plus. */
export function Amount({ amount }: { readonly amount: string }) {
  const isIn = Number(amount) > 0;
  return (
    <span class={isIn ? 'positive' : ''}>
      {isIn ? '+' : ''}
      {money(amount)}
    </span>
  );
}

function MonthPicker({ month, onChange }: { readonly month: string; readonly onChange: (month: string) => void }) {
  const move = (by: number) => {
    const [year = 0, number = 1] = month.split('-').map(Number);
    onChange(new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7));
  };
  const isLast = month >= thisMonth();
  return (
    <fieldset class="stepper">
      <legend class="visually-hidden">{t('history.month')}</legend>
      <button type="button" class="button button-icon" aria-label={t('history.previous')} onClick={() => move(-1)}>
        <Icon name="back" />
      </button>
      <time aria-live="polite" dateTime={month}>
        {monthName(month)}
      </time>
      <button
        type="button"
        class="button button-icon"
        aria-label={t('history.next')}
        disabled={isLast}
        onClick={() => move(1)}
      >
        <Icon name="forward" />
      </button>
    </fieldset>
  );
}
