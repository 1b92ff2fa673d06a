import type { StripeFields, StripeObject, StripeObjects } from './fake-stripe-objects.js';
import type { FakeStripe, FakeStripeRequest } from './fake-stripe-types.js';

/** What the API answers. */
export interface Answer {
  readonly status: number;
  readonly value: unknown;
}

/** Answers one request. */
export function answerTo(
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

function payAutomatically(objects: StripeObjects, form: StripeFields, card: FakeStripe['card']): Answer {
  if (card === 'declines') {
    const decline = { code: 'card_declined', decline_code: 'insufficient_funds', message: 'Your card was declined.' };
    return { status: 402, value: { error: { type: 'card_error', ...decline } } };
  }
  const amount = Number(form['amount']);
  return ok(objects.put('payment_intent', { ...form, amount, amount_received: amount, status: 'succeeded' }));
}
