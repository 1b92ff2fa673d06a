import type { Page } from 'playwright-core';

/** When a page showed what it was asked for, in milliseconds of the browser's own clock. */
export interface PageTimes {
  /** The first paint with content (Paint Timing), from the start of the navigation. */
  readonly paint: number;
  /** The first frame with the page's data, from the start of the navigation. */
  readonly data: number;
}

interface Watch {
  settledAt: number;
  startedAt: number;
}
type Watched = typeof globalThis & { dashboardWatch: Watch };

/** Notes in each page when nothing is awaited any more: a frame with a heading, and nothing that is busy. */
export async function watchPages(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const watch: Watch = { settledAt: 0, startedAt: 0 };
    (globalThis as Watched).dashboardWatch = watch;
    // Without a name: the build of this script would wrap a named function in a helper that the page lacks.
    new MutationObserver(() => {
      if (!document.querySelector('h1') || document.querySelector('[aria-busy]')) {
        watch.settledAt = 0;
        return;
      }
      requestAnimationFrame(() => {
        if (!document.querySelector('[aria-busy]')) watch.settledAt ||= performance.now();
      });
    }).observe(document, { childList: true, subtree: true, attributes: true });
  });
}

/**
 * Loads the app at an address with an empty cache of data, and measures it.
 *
 * @param from where the visitor comes from. From nowhere the browser first starts a process for the page; from a page of the
 * host's app, as visitors do, it need not.
 */
export async function timeLoad(page: Page, url: string, from = 'about:blank'): Promise<PageTimes> {
  await page.goto(from);
  await page.goto(url);
  const data = await settledAt(page);
  const painted = await page.waitForFunction(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
  );
  return { paint: Number(await painted.jsonValue()), data };
}

/** Changes what is on show, and measures until the new data stands. */
export async function timeSwitch(page: Page, change: (to: string) => void, to: string): Promise<number> {
  await page.evaluate(() => {
    const { dashboardWatch } = globalThis as Watched;
    dashboardWatch.settledAt = 0;
    dashboardWatch.startedAt = performance.now();
  });
  await page.evaluate(change, to);
  const end = await settledAt(page);
  return end - (await page.evaluate(() => (globalThis as Watched).dashboardWatch.startedAt));
}

/** Reads how long the main thread of the page's process has worked, in milliseconds of its CPU time: what else the machine does adds little to it. */
export async function cpuOf(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1_000;
  };
}

/** A page that stays quiet for two looks has settled: what it fetches is asked for in the first frame. */
async function settledAt(page: Page): Promise<number> {
  const handle = await page.waitForFunction(() => {
    const { dashboardWatch } = globalThis as Watched;
    if (dashboardWatch.settledAt === 0) return false;
    return performance.now() - dashboardWatch.settledAt > 100 ? dashboardWatch.settledAt : false;
  });
  return Number(await handle.jsonValue());
}
