import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const FIRST_CHOICE = 3000;

/**
 * Listens on the wanted port, or without one on 3000 or, where that is taken, on any free port.
 *
 * @param wanted as in `PORT`.
 * @returns the port, once connections are accepted.
 * @throws {Error} when the wanted port is taken, or is not the number of a port.
 */
export async function listenOnFreePort(server: Server, wanted: string | undefined): Promise<number> {
  if (wanted !== undefined && !isPort(wanted))
    throw new Error(`PORT must be a whole number from 0 to 65535, not '${wanted}'.`);
  const isTaken = await refused(server, Number(wanted ?? FIRST_CHOICE));
  if (isTaken && wanted !== undefined)
    throw new Error(`Port ${wanted} is taken: npm start without PORT takes a free one.`);
  if (isTaken) await refused(server, 0);
  return (server.address() as AddressInfo).port;
}

function isPort(text: string): boolean {
  return /^\d+$/.test(text) && Number(text) <= 65_535;
}

/** Tries to listen; true when another program has the port. */
async function refused(server: Server, port: number): Promise<boolean> {
  server.listen(port);
  try {
    await once(server, 'listening');
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return true;
    throw error;
  }
}
