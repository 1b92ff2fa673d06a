import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import { createAdminApi, openApiDocument, operatorKeys } from '../../src/admin/index.js';
import type { Gateway } from '../../src/index.js';
import { createGateway, memoryStore, openai } from '../../src/index.js';
import { type FakeUpstream, fakeUpstream } from '../../src/testing/index.js';
import { testLogger } from '../helpers/test-logger.js';

/** Holds answers against the document. */
export const ajv = new Ajv2020({ strict: false, validateFormats: false });

/** The key of the operator. */
export const KEY = 'operator-0123456789abcdef';

interface Document {
  readonly paths: Record<string, Record<string, { operationId: string; responses: Record<string, Answer> }>>;
  readonly components: { readonly schemas: Record<string, object> };
}

interface Answer {
  readonly content?: Record<string, { readonly schema: object }>;
}

/** The document of the API. */
export const document = openApiDocument() as unknown as Document;

export interface Seen {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** A gateway with an admin API in front of a scripted provider. */
export interface AdminSite {
  readonly gateway: Gateway;
  readonly admin: ReturnType<typeof createAdminApi>;
  readonly upstream: FakeUpstream;
  /** Calls the API under a mount path, as an operator unless other headers are given. */
  call(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Seen>;
  /** Calls an operation and holds its answer against the document. */
  checked(method: string, template: string, path: string, body?: object): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/** Starts one. */
export async function adminSite(): Promise<AdminSite> {
  const upstream = await fakeUpstream();
  const gateway = createGateway({
    providers: { openai: openai(upstream.openai) },
    models: { fast: { provider: 'openai', model: 'gpt-4o-mini', price: { input: 1, output: 2 } } },
    plans: { pro: { models: '*', billing: 'prepaid', limits: { requestsPerMinute: 100 } }, free: { models: '*' } },
    defaultPlan: 'pro',
    store: memoryStore(),
    requestLog: {},
    logger: testLogger,
  });
  const admin = createAdminApi({
    gateway,
    authenticate: operatorKeys(KEY),
    logger: testLogger,
  });

  async function call(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = { authorization: `Bearer ${KEY}` },
  ): Promise<Seen> {
    const answer = await admin.fetch(
      new Request(`http://gateway.test/internal/admin${path}`, {
        method,
        headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      }),
    );
    return { status: answer.status, body: JSON.parse(await answer.text()) };
  }

  async function checked(
    method: string,
    template: string,
    path: string,
    body?: object,
  ): Promise<Record<string, unknown>> {
    const seen = await call(method, path, body);
    expect(seen).toMatchObject({ status: 200 });
    const schema =
      document.paths[template]?.[method.toLowerCase()]?.responses['200']?.content?.['application/json']?.schema;
    expect(schema, `${method} ${template} is in the document`).toBeDefined();
    const valid = ajv.validate({ ...schema, components: document.components }, seen.body);
    expect(valid ? [] : ajv.errors).toEqual([]);
    return seen.body;
  }

  return {
    gateway,
    admin,
    upstream,
    call,
    checked,
    async close() {
      await gateway.close({ deadlineMs: 0 });
      await upstream.close();
    },
  };
}
