interface EarlyRead {
  readonly answer: Promise<Response>;
  readonly at: number;
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
  globalThis.dashboardReads = new Map(urls.map((url) => [url, { answer: startRead(url), at: performance.now() }]));
}

/** The answer to a URL that was asked for early, once. */
export function takeEarly(url: string): Promise<Response> | undefined {
  const read = globalThis.dashboardReads?.get(url);
  globalThis.dashboardReads?.delete(url);
  return read && performance.now() - read.at < MOST_AGE_MS ? read.answer : undefined;
}

function startRead(url: string): Promise<Response> {
  const answer = fetch(url, { credentials: 'same-origin', signal: AbortSignal.timeout(LONGEST_READ_MS) });
  // A page that takes the answer hears of its failure; one that never does leaves it unheard.
  answer.catch(() => {});
  return answer;
}
