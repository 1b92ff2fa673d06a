/**
 * What must not wait for a time limit ends within this time also on a machine that is busy with other things; what waits for
 * one takes much longer, or for ever. How fast something is on a quiet machine is for the benchmark to say.
 */
export const PROMPTLY_MS = 12_000;

/** Milliseconds that this process computed while `work` ran: unlike time, they do not depend on what else runs. */
export async function cpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
