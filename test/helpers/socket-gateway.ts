import { createServer } from 'node:http';
import OpenAI from 'openai';
import { errorBody, toGatewayError } from '../../src/errors.js';
import { toOpenAIUsage, type Usage } from '../../src/meter/usage.js';
import type { ProviderAdapter } from '../../src/providers/provider-adapter.js';
import { undiciTransport } from '../../src/upstream/undici-transport.js';
import { UpstreamError } from '../../src/upstream/upstream-error.js';
import { fakeCall } from './fake-call.js';
import { closed, listening } from './replay-server.js';

export interface SocketGateway {
  readonly client: OpenAI;
  readonly url: string;
  readonly key: string;
  close(): Promise<void>;
}

/** A gateway on a real socket; model `openai/x` goes to provider `openai`, and so on. */
export async function startSocketGateway(providers: Record<string, ProviderAdapter>): Promise<SocketGateway> {
  const transport = undiciTransport({ connectMs: 5_000 });
  const server = createServer(async (req, res) => {
    const pieces: Buffer[] = [];
    for await (const piece of req) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    const request = JSON.parse(body.toString());
    const [name, model] = request.model.split('/');
    const call = fakeCall({ request, body, model, transport });
    const adapter = providers[name] as ProviderAdapter;
    try {
      if (!request.stream) {
        const answer = await adapter.chat(call);
        res.setHeader('content-type', 'application/json');
        res.end(answer.text ?? JSON.stringify(answer.completion));
        return;
      }
      const asked = request.stream_options?.include_usage === true;
      const { batches } = await adapter.stream(call);
      res.setHeader('content-type', 'text/event-stream');
      let usage: Usage | undefined;
      let usageChunk: string | undefined;
      let last: Record<string, unknown> = {};
      for await (const batch of batches) {
        for (const chunk of batch.chunks) {
          const object = typeof chunk === 'string' ? JSON.parse(chunk) : chunk;
          last = { ...object, choices: [] };
          if (asked && object.usage === undefined) object.usage = null;
          res.write(`data: ${JSON.stringify(object)}\n\n`);
        }
        usage = batch.usage ?? usage;
        usageChunk = batch.usageChunk ?? usageChunk;
      }
      if (asked && usage)
        res.write(`data: ${usageChunk ?? JSON.stringify({ ...last, usage: toOpenAIUsage(usage) })}\n\n`);
      res.end('data: [DONE]\n\n');
    } catch (thrown) {
      const error = UpstreamError.isInstance(thrown) ? thrown.clientError : toGatewayError(thrown);
      if (error.code === 'internal_error') console.error(thrown);
      if (res.headersSent) res.end(`data: ${JSON.stringify(errorBody(error))}\n\n`);
      else {
        res.writeHead(error.status, {
          'content-type': 'application/json',
          'x-should-retry': 'false',
          ...error.headers,
        });
        res.end(JSON.stringify(errorBody(error)));
      }
    }
  });
  const url = `${await listening(server)}/v1`;
  const key = 'napi-test';
  return {
    client: new OpenAI({ baseURL: url, apiKey: key, maxRetries: 0 }),
    url,
    key,
    async close() {
      await closed(server);
      await transport.close?.();
    },
  };
}
