import OpenAI from 'openai';
import { expect } from 'vitest';

/** A signed-in user of an app, in a browser as far as the app can see. */
export class Visitor {
  readonly #origin: string;
  readonly #headers: Record<string, string>;

  /** @param headers what the app's login puts into each request: a cookie, for most. */
  constructor(origin: string, headers: Record<string, string>) {
    this.#origin = origin;
    this.#headers = { 'sec-fetch-site': 'same-origin', ...headers };
  }

  /** Signs in with the form of the start page. */
  static async signedIn(origin: string, user: string): Promise<Visitor> {
    const response = await fetch(`${origin}/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ user }),
    });
    expect([response.status, response.headers.get('location')]).toEqual([303, '/dashboard']);
    const [cookie = ''] = response.headers.get('set-cookie')?.split(';') ?? [];
    return new Visitor(origin, { cookie });
  }

  /** The dashboard's page, as the browser loads it. */
  async page(): Promise<string> {
    const response = await fetch(`${this.#origin}/dashboard`, { headers: this.#headers });
    expect(response.status).toBe(200);
    return response.text();
  }

  /** A call of the dashboard's page; with a body it is a write. */
  async api<T>(path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.#origin}/dashboard/api/${path}`, {
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
      headers: { ...this.#headers, ...(body && { 'content-type': 'application/json' }) },
    });
    const text = await response.text();
    expect(response.ok, `${path}: ${response.status} ${text}`).toBe(true);
    return JSON.parse(text) as T;
  }

  /** Makes a key, and the official client that uses it. */
  async client(): Promise<{ client: OpenAI; key: string; id: string }> {
    const { key, record } = await this.api<{ key: string; record: { id: string } }>('keys', { name: 'laptop' });
    const client = new OpenAI({ baseURL: `${this.#origin}/v1`, apiKey: key, maxRetries: 0 });
    return { client, key, id: record.id };
  }
}

const messages = [{ role: 'user' as const, content: 'Hi.' }];

/** One request, whole: its text. */
export async function ask(client: OpenAI, model: string): Promise<string | null | undefined> {
  return (await client.chat.completions.create({ model, messages })).choices[0]?.message.content;
}

/** The same as a stream. */
export async function askInPieces(client: OpenAI, model: string): Promise<string> {
  let text = '';
  for await (const chunk of await client.chat.completions.create({ model, messages, stream: true })) {
    text += chunk.choices[0]?.delta.content ?? '';
  }
  return text;
}
