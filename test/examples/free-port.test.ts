import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { listenOnFreePort } from '../../examples/demo/listen.js';

test.each(['abc', '-1', '65536', '3000.5', '0x10', ' 80'])('PORT=%j is refused by its name', async (port) => {
  await expect(listenOnFreePort(createServer(), port)).rejects.toThrow(
    `PORT must be a whole number from 0 to 65535, not '${port}'.`,
  );
});

test('PORT=0 takes any free one', async () => {
  const server = createServer();
  expect(await listenOnFreePort(server, '0')).toBeGreaterThan(0);
  server.close();
});
