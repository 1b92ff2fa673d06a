import { listen } from './listen.js';

/** A port of the loopback interface that nothing listens on. */
export async function freePort(): Promise<number> {
  const free = await listen(() => {});
  await free.close();
  return Number(new URL(free.origin).port);
}
