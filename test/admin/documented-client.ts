import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';

interface Media {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

interface Described {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: object }[];
  readonly requestBody?: Media;
  readonly responses: Readonly<Record<string, Media>>;
}

/** An OpenAPI document, as far as this client reads it. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/** What a call carries. */
export interface Sent {
  readonly id?: string;
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  readonly body?: object;
}

/** What came back. */
export interface Received {
  readonly status: number;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects of it
  readonly body: any;
}

/**
 * A client that knows the API by its document alone. It holds each request and each answer against it: a field that the
 * document does not name fails the test.
 */
export function documentedClient(document: ApiDocument, origin: string, key: string) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  const components = closed(document.components);
  const faultsOf = (schema: object, value: unknown) =>
    ajv.validate({ ...closed(schema), components }, value) ? [] : (ajv.errors ?? []);
  const operations = new Map(
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, described]) => [described.operationId, { path, method, described }] as const,
      ),
    ),
  );
  const answered = new Set<string>();
  const refused = new Set<string>();

  async function send(name: string, sent: Sent, headers: Record<string, string>): Promise<Received> {
    const operation = operations.get(name);
    if (!operation) throw new Error(`the document has no ${name}`);
    const { path, method, described } = operation;
    const search = new URLSearchParams(
      Object.entries(sent.query ?? {}).map(([field, value]) => [field, String(value)] as [string, string]),
    );
    const response = await fetch(`${origin}${path.replace('{id}', encodeURIComponent(sent.id ?? ''))}?${search}`, {
      method: method.toUpperCase(),
      headers: { ...headers, ...(described.requestBody && { 'content-type': 'application/json' }) },
      ...(described.requestBody && { body: JSON.stringify(sent.body ?? {}) }),
    });
    const type = response.headers.get('content-type')?.split(';')[0] ?? '';
    const text = await response.text();
    const { status } = response;
    const media = described.responses[String(status)] ?? described.responses[`${Math.floor(status / 100)}XX`];
    const schema = media?.content?.[type]?.schema;
    if (!schema) throw new Error(`${name}: the document has no answer ${status} of ${type}: ${text}`);
    const body = type === 'application/json' ? JSON.parse(text) : text;
    expect(faultsOf(schema, body), `${name}: ${text}`).toEqual([]);
    (status < 400 ? answered : refused).add(name);
    return { status, text, body };
  }

  return {
    names: [...operations.keys()],
    answered,
    refused,
    /** Sends what the document allows; anything else fails the test. */
    async call(name: string, sent: Sent = {}): Promise<Received> {
      const { described } = operations.get(name) ?? {};
      const inQuery = new Map(
        described?.parameters?.filter((one) => one.in === 'query').map((one) => [one.name, one.schema]),
      );
      for (const [field, value] of Object.entries(sent.query ?? {}))
        expect(faultsOf(inQuery.get(field) ?? { not: {} }, value), `${name}: ?${field}`).toEqual([]);
      const schema = described?.requestBody?.content?.['application/json']?.schema ?? {
        type: 'object',
        maxProperties: 0,
      };
      expect(faultsOf(schema, sent.body ?? {}), `${name}: body`).toEqual([]);
      return send(name, sent, { authorization: `Bearer ${key}` });
    },
    /** Sends anything. */
    callWrongly: (name: string, sent: Sent, headers: Record<string, string> = { authorization: `Bearer ${key}` }) =>
      send(name, sent, headers),
  };
}

/** The schema with no room for fields that it does not name. */
function closed<Part>(part: Part): Part {
  if (Array.isArray(part)) return part.map(closed) as Part;
  if (typeof part !== 'object' || part === null) return part;
  const { additionalProperties, ...rest } = part as Record<string, unknown>;
  const inside = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, closed(value)]));
  if (additionalProperties === undefined) return inside as Part;
  return {
    ...inside,
    additionalProperties: additionalProperties === true ? false : closed(additionalProperties),
  } as Part;
}
