import type { Socket } from 'node:net';

/** How many bytes a connection had brought when it failed, by the failure. */
const received = new WeakMap<object, number>();

/** Notes for each failure of a connection whether it had been used before; a reset says nothing of it itself. */
export function noteReuse(socket: Socket): void {
  socket.prependListener('error', (error) => received.set(error, socket.bytesRead));
}

/**
 * True for a failure of a connection that had brought an earlier answer: the server closed it while it was kept, and has
 * not read what was just written to it.
 */
export function isStale(cause: unknown): boolean {
  if (typeof cause !== 'object' || cause === null) return false;
  const noted = received.get(cause);
  if (noted !== undefined) return noted > 0;
  const socket = 'socket' in cause ? cause.socket : undefined;
  if (typeof socket !== 'object' || socket === null || !('bytesRead' in socket)) return false;
  return Number(socket.bytesRead) > 0;
}
