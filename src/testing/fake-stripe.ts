import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readStripeForm, type StripeFields, type StripeObject, StripeObjects } from './fake-stripe-objects.js';

/** One request that reached the API. */
export interface FakeStripeRequest {
  readonly method: string;
  /** Below `/v1/`: `customers/cus_1`. */
  readonly path: string;
  readonly form: StripeFields;
  readonly idempotencyKey: string | undefined;
}

/** An event before it is signed. */
export interface FakeStripeEvent {
  readonly type: string;
  readonly object: StripeFields;
}

/** How an event is signed and sent. */
export interface FakeEventDetails {
  /** @default the fake's own `webhookSecret` */
  readonly secret?: string;
  /** Seconds since the epoch. @default now */
  readonly timestamp?: number;
  /** The connected account that it comes from. */
  readonly account?: string;
}

/** Options of `fakeStripe`. */
export interface FakeStripeOptions {
  /** Where events are sent when somebody pays on a page of the fake; without it they are only returned by `pay`. */
  readonly webhookUrl?: string;
}

/** A stand-in for Stripe's API, with a page on which a customer pays. */
export interface FakeStripe {
  /** Options of the `stripe` package that reach it: `new Stripe('sk_test_fake', fake.options)`. */
  readonly options: {
    readonly host: string;
    readonly port: number;
    readonly protocol: 'http';
    readonly maxNetworkRetries: number;
  };
  readonly webhookSecret: string;
  readonly requests: readonly FakeStripeRequest[];
  /** Whether automatic payments succeed. @default 'pays' */
  card: 'pays' | 'declines';
  /** Keeps an object, as if it had been made on Stripe's own pages. */
  put(object: string, fields: StripeFields): StripeObject;
  change(id: string, fields: StripeFields): StripeObject;
  get(id: string): StripeObject;
  /** The objects of one type, oldest first. */
  all(object: string): StripeObject[];
  /** Pays a checkout session. @returns the events of it, none of them sent. */
  pay(session: string): FakeStripeEvent[];
  /** Refunds a part of a payment, in cents. @param status Stripe's status of the refund. @default 'succeeded' */
  refund(payment: string, amount: number, status?: string): StripeObject;
  /** An event and its signature, as Stripe would send them. */
  sign(event: FakeStripeEvent, details?: FakeEventDetails): { readonly body: string; readonly signature: string };
  close(): Promise<void>;
}

/** Or a browser asks for `/favicon.ico`. */
const NO_ICON = '<link rel="icon" href="data:,">';
const WEBHOOK_SECRET = 'whsec_fake_secret';

/**
 * Starts a stand-in for Stripe on a free port of the loopback interface, so that billing runs without an account.
 *
 * A repeated idempotency key answers what it answered before, refusals included. Source of shapes and rules:
 * https://docs.stripe.com/api
 */
export async function fakeStripe({ webhookUrl }: FakeStripeOptions = {}): Promise<FakeStripe> {
  const objects = new StripeObjects();
  const answers = new Map<string, Answer>();
  const requests: FakeStripeRequest[] = [];
  const server = createServer((req, res) => void serve(req, res).catch(() => res.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? '/', origin);
    const body = await textOf(req);
    if (!url.pathname.startsWith('/v1/')) return servePage(url, req.method ?? 'GET', res);
    const key = req.headers['idempotency-key'];
    const request = {
      method: req.method ?? 'GET',
      path: url.pathname.slice('/v1/'.length),
      form: readStripeForm(req.method === 'GET' ? url.search.slice(1) : body),
      idempotencyKey: typeof key === 'string' ? key : undefined,
    };
    requests.push(request);
    const { status, value } = answerOnce(request);
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  }

  async function servePage({ pathname, searchParams }: URL, method: string, res: ServerResponse): Promise<void> {
    if (pathname === '/portal') {
      const html = portalHtml(searchParams.get('return_url') ?? '/');
      return void res.writeHead(200, { 'content-type': 'text/html' }).end(html);
    }
    const session = objects.find(pathname.split('/').at(-1) ?? '');
    if (!session) return void res.writeHead(404).end('There is no such page.');
    if (method === 'GET') {
      const html = payHtml(String(session['cancel_url'] ?? ''));
      return void res.writeHead(200, { 'content-type': 'text/html' }).end(html);
    }
    for (const event of fake.pay(session.id)) await send(event);
    res.writeHead(303, { location: String(session['success_url']) }).end();
  }

  async function send(event: FakeStripeEvent): Promise<void> {
    if (webhookUrl === undefined) return;
    const { body, signature } = fake.sign(event);
    const headers = { 'content-type': 'application/json', 'stripe-signature': signature };
    await fetch(webhookUrl, { method: 'POST', headers, body });
  }

  function answerOnce(request: FakeStripeRequest): Answer {
    const key = request.method === 'POST' ? request.idempotencyKey : undefined;
    const before = key === undefined ? undefined : answers.get(key);
    if (before) return before;
    const answer = answerTo(objects, request, fake.card, origin);
    if (key !== undefined) answers.set(key, answer);
    return answer;
  }

  const fake: FakeStripe = {
    options: { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0 },
    webhookSecret: WEBHOOK_SECRET,
    requests,
    card: 'pays',
    put: (object, fields) => objects.put(object, fields),
    change: (id, fields) => objects.change(id, fields),
    get: (id) => objects.get(id),
    all: (object) => objects.all(object),
    pay: (session) => pay(objects, session),
    refund(payment, amount, status = 'succeeded') {
      const charge = objects.all('charge').find((one) => one['payment_intent'] === payment);
      return objects.put('refund', { amount, currency: 'usd', payment_intent: payment, charge: charge?.id, status });
    },
    sign({ type, object }, { secret = WEBHOOK_SECRET, timestamp = Math.floor(Date.now() / 1_000), account } = {}) {
      const id = `evt_${objects.next()}`;
      const body = JSON.stringify({ id, object: 'event', type, data: { object }, ...(account && { account }) });
      // Source: https://docs.stripe.com/webhooks#verify-manually
      const digest = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
      return { body, signature: `t=${timestamp},v1=${digest}` };
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return fake;
}

interface Answer {
  readonly status: number;
  readonly value: unknown;
}

function answerTo(
  objects: StripeObjects,
  { method, path, form }: FakeStripeRequest,
  card: FakeStripe['card'],
  origin: string,
): Answer {
  const [kind = '', id = '', part] = path.split('/');
  if (path === 'customers/search') return ok(listOf(searchCustomers(objects, String(form['query']))));
  if (path === 'checkout/sessions' && method === 'POST') {
    const unknown = unknownPrice(objects, form);
    return unknown === undefined ? ok(openSession(objects, form, origin)) : missing('price', unknown);
  }
  if (path === 'checkout/sessions') return ok(listOf(openSessions(objects, form)));
  const [, expired] = /^checkout\/sessions\/(.+)\/expire$/.exec(path) ?? [];
  if (expired !== undefined) return ok(objects.change(expired, { status: 'expired', url: null }));
  if (path === 'billing_portal/sessions') return ok(openPortal(form, origin));
  if (path === 'payment_intents' && method === 'POST') return payAutomatically(objects, form, card);
  if (part === 'payment_methods') return ok(listOf(matching(objects, 'payment_method', { customer: id })));
  if (id === '' && method === 'GET') return ok(listOf(matching(objects, singular(kind), form)));
  if (id === '') return ok(objects.put(singular(kind), form));
  if (!objects.find(id)) return missing(kind, id);
  return ok(method === 'POST' ? objects.change(id, form) : objects.get(id));
}

function ok(value: unknown): Answer {
  return { status: 200, value };
}

function missing(kind: string, id: string): Answer {
  const message = `No such ${kind}: '${id}'`;
  return { status: 404, value: { error: { type: 'invalid_request_error', code: 'resource_missing', message } } };
}

/** A price that a page should sell and that is not there; without any price all of them are taken for known. */
function unknownPrice(objects: StripeObjects, { line_items: items }: StripeFields): string | undefined {
  if (objects.all('price').length === 0) return undefined;
  const prices = (items as readonly StripeFields[]).map(({ price }) => price);
  return prices.find((price): price is string => typeof price === 'string' && !objects.find(price));
}

function listOf(data: readonly StripeObject[]): unknown {
  return { object: 'list', data, has_more: false };
}

function singular(kind: string): string {
  return kind.replace(/s$/, '');
}

function searchCustomers(objects: StripeObjects, query: string): StripeObject[] {
  const [, name = '', value = ''] = /^metadata\['(.*?)'\]:'(.*)'$/.exec(query) ?? [];
  const wanted = value.replace(/\\(.)/g, '$1');
  return objects.all('customer').filter((one) => (one['metadata'] as StripeFields)[name] === wanted);
}

function matching(objects: StripeObjects, object: string, { customer, charge }: StripeFields): StripeObject[] {
  return objects
    .all(object)
    .filter((one) => customer === undefined || one['customer'] === customer)
    .filter((one) => charge === undefined || one['charge'] === charge);
}

/** A page on which nothing was paid yet. */
function openSession(objects: StripeObjects, form: StripeFields, origin: string): StripeObject {
  const fields = { ...form, status: 'open', payment_status: 'unpaid', payment_intent: null };
  const session = objects.put('checkout.session', fields);
  return objects.change(session.id, { url: `${origin}/pay/${session.id}` });
}

function openSessions(objects: StripeObjects, form: StripeFields): StripeObject[] {
  return matching(objects, 'checkout.session', form).filter(({ status }) => status === 'open');
}

function openPortal({ return_url: back = '/' }: StripeFields, origin: string): StripeFields {
  const url = `${origin}/portal?return_url=${encodeURIComponent(String(back))}`;
  return { id: 'bps_1', object: 'billing_portal.session', url };
}

function payHtml(back: string): string {
  const cancel = `<a href="${linkTo(back)}">Cancel</a>`;
  return `<!doctype html>${NO_ICON}<title>Pay</title><h1>Stand-in for Stripe</h1><form method="post"><button>Pay</button></form>${cancel}`;
}

function portalHtml(back: string): string {
  const link = `<a href="${linkTo(back)}">Back</a>`;
  return `<!doctype html>${NO_ICON}<title>Portal</title><h1>Stand-in for Stripe’s customer portal</h1>${link}`;
}

function linkTo(url: string): string {
  return /^https?:/.test(url) ? url.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`) : '/';
}

function payAutomatically(objects: StripeObjects, form: StripeFields, card: FakeStripe['card']): Answer {
  if (card === 'declines') {
    const decline = { code: 'card_declined', decline_code: 'insufficient_funds', message: 'Your card was declined.' };
    return { status: 402, value: { error: { type: 'card_error', ...decline } } };
  }
  const amount = Number(form['amount']);
  return ok(objects.put('payment_intent', { ...form, amount, amount_received: amount, status: 'succeeded' }));
}

function pay(objects: StripeObjects, id: string): FakeStripeEvent[] {
  const session = objects.get(id);
  if (session['status'] === 'expired') throw new Error(`the page of ${id} has expired`);
  objects.change(id, { status: 'complete' });
  const { customer } = session;
  objects.put('payment_method', { type: 'card', customer, card: { brand: 'visa', last4: '4242' } });
  const items = session['line_items'] as readonly StripeFields[];
  if (session['mode'] === 'subscription') {
    const { metadata = {} } = (session['subscription_data'] ?? {}) as StripeFields;
    const item = { id: `si_${objects.next()}`, price: { id: items[0]?.['price'] }, current_period_end: 2_000_000_000 };
    const fields = { customer, metadata, status: 'active', cancel_at_period_end: false, items: { data: [item] } };
    const subscription = objects.put('subscription', fields);
    objects.change(id, { payment_status: 'paid', subscription: subscription.id });
    return [
      { type: 'customer.subscription.created', object: subscription },
      { type: 'checkout.session.completed', object: session },
    ];
  }
  const price = (items[0]?.['price_data'] ?? {}) as StripeFields;
  const [amount, currency] = [Number(price['unit_amount']), price['currency']];
  const { metadata = {} } = (session['payment_intent_data'] ?? {}) as StripeFields;
  const fields = { amount, amount_received: amount, currency, status: 'succeeded', customer, metadata };
  const payment = objects.put('payment_intent', fields);
  const receipt = { amount, amount_refunded: 0, currency, paid: true, payment_intent: payment.id, customer };
  objects.put('charge', { ...receipt, receipt_url: 'https://pay.stripe.test/r' });
  objects.change(id, { payment_status: 'paid', payment_intent: payment.id });
  return [
    { type: 'payment_intent.succeeded', object: payment },
    { type: 'checkout.session.completed', object: session },
  ];
}

async function textOf(req: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of req) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}
