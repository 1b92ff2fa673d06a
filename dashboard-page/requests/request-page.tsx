/** @jsxImportSource preact */
import { apiUrl } from '../client.js';
import { count, dateTime, duration, money } from '../format.js';
import { t } from '../i18n.js';
import { addressOf } from '../router.js';
import type { RequestDetails } from '../shapes.js';
import { CopyButton } from '../ui/controls.js';
import { Facts } from '../ui/facts.js';
import { Icon } from '../ui/icons.js';
import { Loaded } from '../ui/states.js';
import { useResource } from '../use-resource.js';
import { Attempts } from './attempts.js';
import { RequestBadge } from './request-badge.js';

interface RequestPageProps {
  readonly id: string;
  /** Below the operator's heading and from the operator's API. @default false */
  readonly operator?: boolean;
}

/** One request in full, at an address of its own: what a support ticket links to. */
export function RequestPage({ id, operator = false }: RequestPageProps) {
  const path = operator ? 'operator/requests' : 'requests';
  const request = useResource<RequestDetails>(apiUrl(`${path}/${encodeURIComponent(id)}`));
  return (
    <>
      <header class="page-head">
        <div>
          <a class="back" href={`#/${path}`}>
            <Icon name="back" />
            {t('nav.requests')}
          </a>
          {operator ? <h2 class="account-title">{t('requests.one')}</h2> : <h1 tabIndex={-1}>{t('requests.one')}</h1>}
          <p class="id-line">
            <code>{id}</code>
            <CopyButton text={id} />
          </p>
        </div>
      </header>
      <Loaded resource={request}>{(data) => <Details request={data} operator={operator} />}</Loaded>
    </>
  );
}

function Details({ request, operator }: { readonly request: RequestDetails; readonly operator: boolean }) {
  const { status, code, message, attempts, dropped, requestBody, answerBody } = request;
  return (
    <>
      {status >= 400 && (
        <section class="card notice notice-warn">
          <h2>
            <RequestBadge status={status} code={code} />
          </h2>
          <p>{message ?? t('requests.noMessage')}</p>
        </section>
      )}
      <div class="columns">
        <section class="card">
          <h2>{t('requests.what')}</h2>
          <Facts facts={factsOf(request, operator)} />
        </section>
        <section class="card">
          <h2>{t('requests.money')}</h2>
          <Facts facts={moneyOf(request)} />
        </section>
      </div>
      <section class="card">
        <h2>{t('requests.attempts')}</h2>
        <Attempts attempts={attempts} />
      </section>
      {dropped.length > 0 && (
        <section class="card">
          <h2>{t('requests.dropped')}</h2>
          <p class="muted">{t('requests.droppedHint')}</p>
          <p class="chips">
            {dropped.map((name) => (
              <code key={name} class="badge">
                {name}
              </code>
            ))}
          </p>
        </section>
      )}
      {requestBody !== null && <Body title={t('requests.requestBody')} text={requestBody} />}
      {answerBody !== null && <Body title={t('requests.answerBody')} text={answerBody} />}
    </>
  );
}

function factsOf(request: RequestDetails, operator: boolean) {
  const { status, code, outcome, at, model, provider, upstreamModel, route, stream, via, endUser, session } = request;
  const tags = Object.entries(request.tags ?? {}).map(([name, value]) => `${name}: ${value}`);
  return [
    [t('requests.status'), <RequestBadge key="status" status={status} code={code} />],
    [t('usage.outcome'), outcome && t(`outcome.${outcomeOf(outcome)}`)],
    [t('usage.time'), dateTime(at, true)],
    [t('usage.account'), operator ? <AccountLink key="account" id={request.accountId} /> : request.accountId],
    [t('usage.model'), model],
    [t('requests.answeredBy'), provider && `${provider} / ${upstreamModel}`],
    [t('requests.route'), stream ? `${route} (${t('requests.streamed')})` : route],
    [t('requests.via'), request.keyId ? <KeyLink key="key" request={request} operator={operator} /> : t(`via.${via}`)],
    [t('requests.duration'), duration(request.durationMs)],
    [t('requests.firstToken'), request.firstTokenMs === null ? null : duration(request.firstTokenMs)],
    [t('requests.endUser'), endUser],
    [t('requests.session'), session],
    [t('requests.tags'), tags.join(', ')],
  ] as const;
}

/** The operator's way from a request to who sent it. */
function AccountLink({ id }: { readonly id: string }) {
  return (
    <a href={addressOf(['operator', 'accounts', id])}>
      <bdi>{id}</bdi>
    </a>
  );
}

/** The key by its name, with a link for its owner; by its id where it has none any more. */
function KeyLink({ request, operator }: { readonly request: RequestDetails; readonly operator: boolean }) {
  const { keyId, keyName } = request;
  const name = <bdi>{keyName ?? keyId}</bdi>;
  return operator || keyId === null || keyName === null ? name : <a href={addressOf(['keys', keyId])}>{name}</a>;
}

function moneyOf(request: RequestDetails) {
  const { cost, charged, inputTokens, cachedInputTokens, outputTokens, reasoningTokens } = request;
  return [
    [t('usage.cost'), money(cost, 'request')],
    ...charged.map(({ source, amount }) => [t(`source.${source}`), money(amount, 'request')] as const),
    [t('requests.inputTokens'), count(inputTokens)],
    [t('requests.cachedTokens'), cachedInputTokens > 0 ? count(cachedInputTokens) : null],
    [t('requests.outputTokens'), count(outputTokens)],
    [t('requests.reasoningTokens'), reasoningTokens > 0 ? count(reasoningTokens) : null],
  ] as const;
}

const OUTCOMES = ['completed', 'aborted', 'timeout', 'truncated', 'error'] as const;

function outcomeOf(outcome: string): (typeof OUTCOMES)[number] {
  return OUTCOMES.find((known) => known === outcome) ?? 'error';
}

function Body({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <details class="card more">
      <summary>{title}</summary>
      <pre class="code">
        <code>{text}</code>
      </pre>
    </details>
  );
}
