import { hostedBeta, type MessagesHost } from '../anthropic/hosts.js';
import { anthropicDialect } from '../anthropic/index.js';
import type { Unwrap } from '../anthropic/messages/messages-route.js';
import { MessageStream } from '../anthropic/to-chunks.js';
import { toCompletion } from '../anthropic/to-completion.js';
import { clientNames } from '../google/function-names.js';
import { type ChatDialect, invalidAnswer, type SizedDialect, type StreamTranslator } from '../http/http-provider.js';
import { EXCEPTION } from './event-stream.js';
import { ConverseStream, toMessage } from './from-converse.js';
import { converseSize, toConverse } from './to-converse.js';
import { converseName } from './tool-names.js';

/** Betas of Bedrock besides those that every cloud knows. Source: AWS, "Anthropic Claude Messages API", beta headers. */
const MORE_BETAS =
  /^(?:effort|fine-grained-tool-streaming|token-efficient-tools|output-128k|dev-full-thinking|tool-examples)-/;

/** The path that counts tokens. */
export const COUNT = '/count-tokens';

/** Source: AWS, "Anthropic Claude Messages API"; Amazon Bedrock API reference, `CountTokens`. */
export const CLAUDE_HOST: MessagesHost = {
  version: 'bedrock-2023-05-31',
  path: (stream) => (stream ? '/invoke-with-response-stream' : '/invoke'),
  streamInBody: false,
  betasInBody: true,
  beta: (name, model) => hostedBeta(name, model, MORE_BETAS),
  count: {
    path: COUNT,
    wrap: (body) => JSON.stringify({ input: { invokeModel: { body: Buffer.from(body).toString('base64') } } }),
  },
};

/** Claude by its own bodies, so that nothing of Anthropic's API is lost. */
export function claudeDialect(betas: readonly string[], readError: ChatDialect['toError']): SizedDialect {
  const dialect = anthropicDialect({ betas, readError, host: CLAUDE_HOST });
  return { ...dialect, toChunks: (call) => withExceptions(unwrapped(dialect.toChunks(call)), readError) };
}

/** Claude's events out of those of Bedrock, for a relay. */
export function claudeEvents(readError: ChatDialect['toError']): Unwrap {
  return (translator) => withExceptions(unwrapped(translator), readError);
}

/** Every other model by Converse. */
export function converseDialect(readError: ChatDialect['toError']): SizedDialect {
  return {
    name: 'bedrock',
    toRequest: toConverse,
    sentSize: converseSize,
    toCompletion: (json, _text, call) => toCompletion(toMessage(json, clientNames(call.request, converseName)), call),
    toChunks(call) {
      const stream = new MessageStream(call, (text) => readError({ headers: {}, text }));
      return withExceptions(new ConverseStream(stream, clientNames(call.request, converseName)), readError);
    },
    toError: readError,
  };
}

function withExceptions(translator: StreamTranslator, readError: ChatDialect['toError']): StreamTranslator {
  return {
    event(data, batch, name) {
      if (name === EXCEPTION) throw readError({ headers: {}, text: data });
      translator.event(data, batch, name);
    },
    end: (batch) => translator.end(batch),
  };
}

/** What Bedrock adds to the last event, and Anthropic's API has not. */
const METRICS = '"amazon-bedrock-invocationMetrics":';
const STOP = '{"type":"message_stop"}';

/** Each of Claude's events comes as base64 in one `chunk`. Source: AWS, API reference, `PayloadPart`. */
function unwrapped(translator: StreamTranslator): StreamTranslator {
  return {
    event(data, batch, name) {
      if (name !== 'chunk') return;
      const event = payloadOf(data);
      translator.event(event.includes(METRICS) ? STOP : event, batch, undefined);
    },
    end: (batch) => translator.end(batch),
  };
}

function payloadOf(data: string): string {
  try {
    const { bytes } = JSON.parse(data) as { bytes?: unknown };
    return Buffer.from(String(bytes), 'base64').toString();
  } catch (thrown) {
    throw invalidAnswer(thrown);
  }
}
