import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, answerTo } from './fake-stripe-api.js';
import { readStripeForm, type StripeFields, type StripeObject, StripeObjects } from './fake-stripe-objects.js';
import { payHtml, portalHtml } from './fake-stripe-pages.js';
import { pay } from './fake-stripe-payment.js';
import type { FakeEventDetails, FakeStripe, FakeStripeEvent, FakeStripeRequest } from './fake-stripe-types.js';

/** Options of `fakeStripe`. */
export interface FakeStripeOptions {
  /** Where events are sent when somebody pays on a page of the fake; without it they are only returned by `pay`. */
  readonly webhookUrl?: string;
}

const WEBHOOK_SECRET = 'whsec_fake_secret';

/**
 * Starts a stand-in for Stripe on a free port of the loopback interface, so that billing runs without an account.
 *
 * A repeated idempotency key answers what it answered before, refusals included. Source of shapes and rules:
 * https://docs.stripe.com/api
 */
export async function fakeStripe({ webhookUrl }: FakeStripeOptions = {}): Promise<FakeStripe> {
  const server = new StripeServer(webhookUrl);
  await server.listen();
  return server;
}

class StripeServer implements FakeStripe {
  readonly webhookSecret = WEBHOOK_SECRET;
  readonly requests: FakeStripeRequest[] = [];
  card: FakeStripe['card'] = 'pays';
  readonly #webhookUrl: string | undefined;
  readonly #objects = new StripeObjects();
  readonly #answers = new Map<string, Answer>();
  readonly #server = createServer((req, res) => void this.#serve(req, res).catch(() => res.destroy()));

  constructor(webhookUrl: string | undefined) {
    this.#webhookUrl = webhookUrl;
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get options(): FakeStripe['options'] {
    const { port } = this.#server.address() as AddressInfo;
    return { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0 };
  }

  put(object: string, fields: StripeFields): StripeObject {
    return this.#objects.put(object, fields);
  }

  change(id: string, fields: StripeFields): StripeObject {
    return this.#objects.change(id, fields);
  }

  get(id: string): StripeObject {
    return this.#objects.get(id);
  }

  all(object: string): StripeObject[] {
    return this.#objects.all(object);
  }

  pay(session: string): FakeStripeEvent[] {
    return pay(this.#objects, session);
  }

  refund(payment: string, amount: number, status = 'succeeded'): StripeObject {
    const charge = this.#objects.all('charge').find((one) => one['payment_intent'] === payment);
    return this.#objects.put('refund', {
      amount,
      currency: 'usd',
      payment_intent: payment,
      charge: charge?.id,
      status,
    });
  }

  sign(
    { type, object }: FakeStripeEvent,
    { secret = WEBHOOK_SECRET, timestamp = Math.floor(Date.now() / 1_000), account }: FakeEventDetails = {},
  ) {
    const id = `evt_${this.#objects.next()}`;
    const body = JSON.stringify({ id, object: 'event', type, data: { object }, ...(account && { account }) });
    // Source: https://docs.stripe.com/webhooks#verify-manually
    const digest = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
    return { body, signature: `t=${timestamp},v1=${digest}` };
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  get #origin(): string {
    const { host, port } = this.options;
    return `http://${host}:${port}`;
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? '/', this.#origin);
    const body = await textOf(req);
    const { method = 'GET' } = req;
    if (!url.pathname.startsWith('/v1/')) return this.#servePage(url, method, res);
    const key = req.headers['idempotency-key'];
    const request = {
      method,
      path: url.pathname.slice('/v1/'.length),
      form: readStripeForm(method === 'GET' ? url.search.slice(1) : body),
      idempotencyKey: typeof key === 'string' ? key : undefined,
    };
    this.requests.push(request);
    const { status, value } = this.#answerOnce(request);
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  }

  async #servePage({ pathname, searchParams }: URL, method: string, res: ServerResponse): Promise<void> {
    if (pathname === '/portal') return sendHtml(res, portalHtml(searchParams.get('return_url') ?? '/'));
    const session = this.#objects.find(pathname.split('/').at(-1) ?? '');
    if (!session) return void res.writeHead(404).end('There is no such page.');
    if (method === 'GET') return sendHtml(res, payHtml(String(session['cancel_url'] ?? '')));
    for (const event of this.pay(session.id)) await this.#send(event);
    res.writeHead(303, { location: String(session['success_url']) }).end();
  }

  async #send(event: FakeStripeEvent): Promise<void> {
    if (this.#webhookUrl === undefined) return;
    const { body, signature } = this.sign(event);
    const headers = { 'content-type': 'application/json', 'stripe-signature': signature };
    await fetch(this.#webhookUrl, { method: 'POST', headers, body });
  }

  #answerOnce(request: FakeStripeRequest): Answer {
    const key = request.method === 'POST' ? request.idempotencyKey : undefined;
    const before = key === undefined ? undefined : this.#answers.get(key);
    if (before) return before;
    const answer = answerTo(this.#objects, request, this.card, this.#origin);
    if (key !== undefined) this.#answers.set(key, answer);
    return answer;
  }
}

function sendHtml(res: ServerResponse, html: string): void {
  res.writeHead(200, { 'content-type': 'text/html' }).end(html);
}

async function textOf(req: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of req) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}
