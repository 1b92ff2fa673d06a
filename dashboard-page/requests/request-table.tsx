/** @jsxImportSource preact */
import { count, dateTime, duration, money } from '../format.js';
import { t } from '../i18n.js';
import { addressOf as pageAddress } from '../router.js';
import type { RequestLine } from '../shapes.js';
import { type Column, Table } from '../ui/table.js';
import { RequestBadge } from './request-badge.js';

interface RequestTableProps {
  readonly requests: readonly RequestLine[];
  /** Where one of them is shown in full. */
  readonly addressOf: (id: string) => string;
  /** Of an account's own requests; nothing says which key where it is missing. */
  readonly keyName?: (id: string) => string;
  /** Where an operator sees many accounts. */
  readonly accountName?: (id: string) => string;
}

/** Requests, newest first. */
export function RequestTable({ requests, addressOf, keyName, accountName }: RequestTableProps) {
  const accounts: Column<RequestLine>[] = accountName
    ? [
        {
          title: t('usage.account'),
          cell: ({ accountId }) => <AccountLink id={accountId} name={accountName(accountId)} />,
        },
      ]
    : [];
  const keys: Column<RequestLine>[] = keyName
    ? [
        {
          title: t('usage.key'),
          cell: ({ keyId }) => <bdi class="clip muted">{keyId === null ? t('usage.noKey') : keyName(keyId)}</bdi>,
        },
      ]
    : [];
  return (
    <Table
      label={t('nav.requests')}
      rows={requests}
      rowKey={({ id }) => id}
      columns={[
        {
          title: t('usage.time'),
          header: true,
          cell: ({ id, at }) => (
            <a class="strong" href={addressOf(id)}>
              <time dateTime={at}>{dateTime(at, true)}</time>
            </a>
          ),
        },
        { title: t('requests.status'), cell: ({ status, code }) => <RequestBadge status={status} code={code} /> },
        ...accounts,
        { title: t('usage.model'), cell: ({ model }) => <bdi class="strong">{model ?? '–'}</bdi> },
        ...keys,
        {
          title: t('usage.tokens'),
          numeric: true,
          cell: ({ inputTokens, outputTokens }) => count(inputTokens + outputTokens),
        },
        { title: t('requests.duration'), numeric: true, cell: ({ durationMs }) => duration(durationMs) },
        { title: t('usage.cost'), numeric: true, cell: ({ cost }) => money(cost, 'request') },
      ]}
    />
  );
}

function AccountLink({ id, name }: { readonly id: string; readonly name: string }) {
  return (
    <a href={pageAddress(['operator', 'accounts', id])}>
      <bdi>{name}</bdi>
    </a>
  );
}
