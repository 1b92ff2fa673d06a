import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { signedWebhook } from '../../src/http/node.js';
import type { GatewayEvent } from '../../src/index.js';
import { rawUpstream } from '../helpers/raw-upstream.js';

const SECRET = `whsec_${Buffer.from('a secret of at least 24 bytes').toString('base64')}`;
const EVENT: GatewayEvent = {
  id: 'evt_req_1_0',
  type: 'balance.low',
  at: new Date('2027-01-10T09:00:00Z'),
  accountId: 'ann',
  data: { threshold: '5', balance: '4.5' },
};

test('posts an event that a receiver of Standard Webhooks accepts, and none that was changed', async () => {
  const receiver = await rawUpstream(() => ({ body: '' }));
  await signedWebhook({ url: `${receiver.url}/hook`, secret: SECRET })(EVENT);
  const [request] = receiver.requests;
  const headers = request?.headers as Record<string, string>;
  const webhook = new Webhook(SECRET);
  expect(webhook.verify(request?.text ?? '', headers)).toEqual({ ...EVENT, at: '2027-01-10T09:00:00.000Z' });
  expect(headers['webhook-id']).toBe(EVENT.id);
  expect(() => webhook.verify(request?.text.replace('4.5', '9.5') ?? '', headers)).toThrow();
  await receiver.close();
});

test('rejects for any answer but a 2xx, so that the event comes again', async () => {
  const receiver = await rawUpstream(() => ({ status: 503, body: '' }));
  await expect(signedWebhook({ url: receiver.url, secret: SECRET })(EVENT)).rejects.toThrow('the webhook answered 503');
  await receiver.close();
});

test.each([
  [{ url: 'ftp://host.test', secret: SECRET }],
  [{ url: 'http://host.test', secret: '' }],
  [{ url: 'http://host.test', secret: 'whsec_c2hvcnQ=' }],
])('says at once what is wrong with %j', (options) => {
  expect(() => signedWebhook(options)).toThrow(TypeError);
});
