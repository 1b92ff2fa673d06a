import type { FastifyError, FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import { jointTurn } from '../lib/joint-turn.js';
import type { ExchangeHandler, GatewayResponse } from './exchange.js';
import { missingHandler } from './exchange-handler.js';
import { isBodiless, restOf, toReadable } from './node-answer.js';
import { bodyDetails, NodeRequest } from './node-request.js';
import { pathAfterSegments } from './paths.js';

/** Options of `gatewayPlugin`, in addition to Fastify's own `prefix`. */
export interface GatewayPluginOptions {
  /** A gateway or a dashboard. */
  readonly gateway: ExchangeHandler & { readonly close?: () => Promise<void> };
  /** Closes the gateway with the Fastify instance; leave it unset when others use the gateway too. @default false */
  readonly closeGateway?: boolean;
}

/**
 * A Fastify 5 plugin, encapsulated: its body parser is seen by no other route, and hooks of the app (CORS, `onSend`)
 * apply to it. Give `fastify.log` to `createGateway` as `logger` to have both in one log.
 *
 * @example app.register(gatewayPlugin, { gateway, prefix: '/v1' })
 */
export const gatewayPlugin: FastifyPluginCallback<GatewayPluginOptions> = (fastify, options, done) => {
  const { gateway, closeGateway = false } = options;
  const missing = missingHandler('gatewayPlugin', gateway);
  if (missing) return done(missing);
  const mountSegments = fastify.prefix.split('/').filter((segment) => segment !== '').length;

  fastify.removeAllContentTypeParsers();
  // The stream as it is: the gateway authenticates before it reads, and has a body limit of its own.
  fastify.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload));

  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    const { source, parsedBody } = bodyDetails(request.body);
    const exchange = new NodeRequest(request.raw, reply.raw, {
      path: pathAfterSegments(request.url, mountSegments),
      originalPath: request.originalUrl,
      raw: request,
      // Named one by one: a spread that adds fields makes hidden classes.
      source,
      parsedBody,
    });
    await jointTurn();
    const response = await gateway.handle(exchange);
    request.log.debug({ gatewayRequestId: response.headers['x-request-id'] }, 'answered by the gateway');
    return send(response, request, reply);
  };
  // What Fastify refuses by its content type alone, such as one without a slash, the gateway refuses in its own form.
  fastify.setErrorHandler(async (error: FastifyError, request, reply) => {
    if (error.code !== 'FST_ERR_CTP_INVALID_MEDIA_TYPE') throw error;
    return answer(request, reply);
  });
  fastify.all('/', answer);
  fastify.all('/*', answer);

  // Before the server waits for its connections: open streams end at the gateway's own deadline.
  if (closeGateway) fastify.addHook('preClose', async () => gateway.close?.());
  done();
};

/** Through Fastify's own reply, so that its hooks run and headers set by them are kept. */
function send({ status, headers, body }: GatewayResponse, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.code(status).headers(headers);
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return reply.send(toReadable(body));
  const rest = restOf(request.raw, reply.raw);
  if (rest && !isBodiless(status)) return reply.send(toReadable(endingWith(Buffer.from(body), rest)));
  if (typeof body === 'string') return reply.send(body);
  return reply.send(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
}

async function* endingWith(body: Uint8Array, rest: Promise<void>): AsyncGenerator<Uint8Array> {
  yield body;
  await rest;
}
