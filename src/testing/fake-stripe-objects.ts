/** Fields of an object of Stripe's, or of a request's form. */
export type StripeFields = Record<string, unknown>;

/** An object that the fake keeps. */
export type StripeObject = StripeFields & { readonly id: string; readonly object: string; readonly created: number };

/** The objects of a fake Stripe account. */
export class StripeObjects {
  readonly #objects = new Map<string, StripeObject>();
  #count = 0;

  /** The next number for an id; also the order in which objects were made. */
  next(): number {
    return ++this.#count;
  }

  put(object: string, fields: StripeFields): StripeObject {
    const number = this.next();
    const id = typeof fields['id'] === 'string' ? fields['id'] : `${object}_${number}`;
    const stored = { metadata: {}, ...fields, id, object, created: 1_700_000_000 + number };
    this.#objects.set(id, stored);
    return stored;
  }

  /** @throws {Error} when there is no such object. */
  get(id: string): StripeObject {
    const found = this.#objects.get(id);
    if (!found) throw new Error(`there is no ${id}`);
    return found;
  }

  find(id: string): StripeObject | undefined {
    return this.#objects.get(id);
  }

  all(object: string): StripeObject[] {
    return [...this.#objects.values()].filter((one) => one.object === object);
  }

  /** Changes fields; an empty text removes an entry of `metadata`, as Stripe does it. */
  change(id: string, { metadata, ...fields }: StripeFields): StripeObject {
    const known: StripeFields & StripeObject = Object.assign(this.get(id), fields);
    const entries = { ...(known['metadata'] as StripeFields) };
    for (const [name, value] of Object.entries((metadata ?? {}) as StripeFields)) {
      if (value === '') delete entries[name];
      else entries[name] = value;
    }
    return Object.assign(known, { metadata: entries });
  }
}

/** Reads Stripe's form encoding, in which `a[b][0]=c` is a list in an object. */
export function readStripeForm(text: string): StripeFields {
  const form: StripeFields = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const keys = name.split(/[[\]]+/).filter((key) => key !== '');
    const last = keys.pop();
    let at: StripeFields = form;
    for (const key of keys) at = (at[key] ??= {}) as StripeFields;
    if (last !== undefined) at[last] = value;
  }
  return withLists(form) as StripeFields;
}

/** Objects whose keys count from zero are lists. */
function withLists(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, withLists(inner)] as const);
  if (entries.length > 0 && entries.every(([key], i) => key === String(i))) return entries.map(([, inner]) => inner);
  return Object.fromEntries(entries);
}
