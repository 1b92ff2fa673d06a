import { headersWith } from './page-session.js';

/** An answer of the API whose body has been read. */
export interface ReadAnswer {
  readonly ok: boolean;
  readonly status: number;
  readonly body: unknown;
}

interface EarlyRead {
  readonly answer: Promise<ReadAnswer>;
  readonly at: number;
  /** The answer, once it is there. */
  come?: ReadAnswer;
}

declare global {
  /** What was asked for before the page's script had run, by URL. */
  var dashboardReads: Map<string, EarlyRead> | undefined;
}

/** An answer that no page has taken by then is too old for one that is opened later. */
const MOST_AGE_MS = 5_000;

/** A server that is well answers sooner, or says that it can not; a connection that slept with its machine never does. */
export const LONGEST_READ_MS = 20_000;

/** Asks for what a page reads first, so that the answers are on their way while the page's script is loaded. */
export function readEarly(urls: readonly string[]): void {
  globalThis.dashboardReads = new Map(urls.map((url) => [url, startRead(url)]));
}

/** Waits until all of it has come, but no longer than this. */
export async function earlyReads(atMostMs: number): Promise<void> {
  const reads = [...(globalThis.dashboardReads?.values() ?? [])].map(({ answer }) => answer);
  await Promise.race([Promise.allSettled(reads), new Promise((resolve) => setTimeout(resolve, atMostMs))]);
}

/** The answer to a URL that was asked for early, once. */
export function takeEarly(url: string): Promise<ReadAnswer> | undefined {
  const read = globalThis.dashboardReads?.get(url);
  globalThis.dashboardReads?.delete(url);
  return read && performance.now() - read.at < MOST_AGE_MS ? read.answer : undefined;
}

/** What was asked for early, if it is there by now and no failure; once. */
export function takeCome(url: string): unknown {
  const come = globalThis.dashboardReads?.get(url)?.come;
  if (!come?.ok || !takeEarly(url)) return undefined;
  return come.body;
}

/** Reads the body of an answer; that of a failure may be anything. */
export async function readBody(response: Response): Promise<ReadAnswer> {
  const { ok, status } = response;
  if (isElsewhere(response)) return { ok: false, status: 401, body: {} };
  return { ok, status, body: await (ok ? response.json() : response.json().catch(() => ({}))) };
}

/** Hosts often send whoever has no session to their login page, before the dashboard is asked: a page is no answer. */
export function isElsewhere({ redirected, headers }: Response): boolean {
  return redirected && !/json|event-stream/.test(headers.get('content-type') ?? '');
}

function startRead(url: string): EarlyRead {
  const request = { headers: headersWith(), credentials: 'same-origin' } as const;
  const asked = fetch(url, { ...request, signal: AbortSignal.timeout(LONGEST_READ_MS) });
  const read: EarlyRead = { answer: asked.then(readBody), at: performance.now() };
  read.answer.then(
    (come) => {
      read.come = come;
    },
    // A page that takes the answer hears of its failure; one that never does leaves it unheard.
    () => {},
  );
  return read;
}
