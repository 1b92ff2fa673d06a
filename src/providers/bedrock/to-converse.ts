import { encodeBase64 } from '../../media/base64.js';
import { isPdf, mediaFormat } from '../../media/media-type.js';
import type { ChatRequest } from '../../openai-api/chat-request.js';
import { checkPublishedValues } from '../../openai-api/published-values.js';
import type { ChatCall } from '../adapter.js';
import type { Block, MessagesRequest, NativeTool } from '../anthropic/api.js';
import { isObject } from '../anthropic/api.js';
import { toBody } from '../anthropic/to-request.js';
import type { NativeRequest } from '../http/http-provider.js';
import type { SentSize } from '../sent-size.js';
import { messagesSize } from '../sizing.js';
import { UnsupportedParams } from '../unsupported-params.js';
import type { ConverseRequest, ConverseTool, ConverseToolChoice, SystemBlock } from './converse-api.js';
import { mergeNativeOptions, nativeOptions } from './native-options.js';
import { cachePoint, toConverseMessages } from './to-converse-blocks.js';
import { converseName } from './tool-names.js';

/**
 * A chat request for Converse, the API that is the same for all of Bedrock's models.
 *
 * Converse was made after Anthropic's Messages, so a request takes that form first. Source: AWS, Amazon Bedrock API reference,
 * `Converse` and `ConverseStream`.
 *
 * @throws {GatewayError} where the meaning can't be kept.
 */
export function toConverse(call: ChatCall, stream: boolean): NativeRequest {
  const { request } = call;
  checkPublishedValues(request);
  const unsupported = new UnsupportedParams(call.unsupported);
  const body = toBody(withoutModelFields(call), stream, unsupported);
  const native: ConverseRequest = {
    messages: toConverseMessages(body.messages),
    ...toSystem(body.system),
    ...toInferenceConfig(body, call, unsupported),
    ...toToolConfig(body, unsupported),
    ...(body.metadata && { requestMetadata: { user: body.metadata.user_id } }),
    ...toModelFields(request, call.model, unsupported),
  };
  mergeNativeOptions(native, request);
  const dropped = unsupported.names;
  return {
    path: stream ? '/converse-stream' : '/converse',
    body: JSON.stringify(native),
    ...(dropped.length > 0 && { dropped }),
  };
}

/** How large the request is as it will be sent. */
export function converseSize(call: ChatCall): SentSize {
  const body = toBody(withoutModelFields(call), false, new UnsupportedParams(call.unsupported));
  // Fields of the model's own are not looked into elsewhere: here they count as what they hold.
  const messages = body.messages.map(({ role, content }) => ({ role, content: content.map(asBytes) }));
  return messagesSize({ ...body, messages, native: nativeOptions(call.request) }, call.model);
}

const SNIFFED_LETTERS = 4 * 1024;

/** Converse takes the bytes of a text: where they are those of media, a server may read them as such. */
function asBytes(block: Block): object {
  if (block.type === 'tool_result' && block.content) return { ...block, content: block.content.map(asBytes) };
  if (block.type !== 'document' || block.source.type !== 'text') return block;
  const { data } = block.source;
  const head = Buffer.from(data.slice(0, SNIFFED_LETTERS));
  if (mediaFormat(head) === undefined && !isPdf(head)) return block;
  return { ...block, source: { type: 'base64', media_type: 'text/plain', data: encodeBase64(data) } };
}

/** What has another form for each model, or none, is looked at apart. */
function withoutModelFields(call: ChatCall): ChatCall {
  const {
    reasoning_effort: _,
    thinking: __,
    top_k: ___,
    service_tier: ____,
    cache_control: _____,
    ...rest
  } = call.request;
  const { provider_options: ______, ...request } = rest;
  const { model, requestId, accountId, maxOutputTokens, modelOutputLimit, unsupported } = call;
  const { outputLimitAdded, transport, signal, onActivity, now } = call;
  return {
    request: request as ChatRequest,
    ...{ model, requestId, accountId, maxOutputTokens, modelOutputLimit, unsupported },
    ...{ outputLimitAdded, transport, signal, onActivity, now },
  };
}

function toSystem(system: MessagesRequest['system']): Pick<ConverseRequest, 'system'> {
  if (system === undefined) return {};
  if (typeof system === 'string') return { system: [{ text: system }] };
  return {
    system: system.flatMap(({ text, cache_control: mark }): SystemBlock[] => [{ text }, ...cachePoint(mark)]),
  };
}

/** Source: AWS, Amazon Bedrock API reference, `InferenceConfiguration`. */
const MAX_STOPS = 2_500;

/** Without a limit each model has its own. */
function toInferenceConfig(
  body: MessagesRequest,
  call: ChatCall,
  unsupported: UnsupportedParams,
): Pick<ConverseRequest, 'inferenceConfig'> {
  const stops = body.stop_sequences?.slice(0, MAX_STOPS);
  if (stops && stops.length < (body.stop_sequences?.length ?? 0)) unsupported.drop('stop');
  const limited = call.maxOutputTokens !== undefined;
  const inferenceConfig = {
    ...(limited && { maxTokens: body.max_tokens }),
    ...(body.temperature !== undefined && { temperature: body.temperature }),
    ...(body.top_p !== undefined && { topP: body.top_p }),
    ...(stops && { stopSequences: stops }),
  };
  return Object.keys(inferenceConfig).length > 0 ? { inferenceConfig } : {};
}

/** A conversation that holds calls needs tools, whether or not the model may call one again. */
function toToolConfig(body: MessagesRequest, unsupported: UnsupportedParams): Pick<ConverseRequest, 'toolConfig'> {
  const choice = body.tool_choice;
  const listed = (body.tools ?? []).filter((tool): tool is NativeTool => isObject(tool['input_schema']));
  const used = usedTools(body);
  if (choice?.type === 'none' && used.length === 0) return {};
  const tools = listed.length > 0 ? listed.flatMap(toTool) : used.map(toStandIn);
  if (tools.length === 0) return {};
  if (choice?.type === 'none') unsupported.drop('tool_choice');
  if (choice && 'disable_parallel_tool_use' in choice) unsupported.drop('parallel_tool_calls');
  const toolChoice = toToolChoice(choice);
  return { toolConfig: { tools, ...(toolChoice && { toolChoice }) } };
}

function toTool({ name, description, input_schema: json, cache_control: mark }: NativeTool): ConverseTool[] {
  return [
    { toolSpec: { name: converseName(name), ...(description && { description }), inputSchema: { json } } },
    ...cachePoint(mark),
  ];
}

function toStandIn(name: string): ConverseTool {
  return { toolSpec: { name: converseName(name), inputSchema: { json: { type: 'object', properties: {} } } } };
}

function usedTools({ messages }: MessagesRequest): string[] {
  const names = messages.flatMap(({ content }) => content.flatMap((b) => (b.type === 'tool_use' ? [b.name] : [])));
  return [...new Set(names)];
}

function toToolChoice(choice: MessagesRequest['tool_choice']): ConverseToolChoice | undefined {
  if (choice?.type === 'any') return { any: {} };
  if (choice?.type === 'tool') return { tool: { name: converseName(choice.name) } };
  return choice?.type === 'auto' ? { auto: {} } : undefined;
}

/** Reasoning is set under each family's own name. Source: AWS, "Model inference parameters" of OpenAI and Amazon Nova 2. */
function toModelFields(
  request: ChatRequest,
  model: string,
  unsupported: UnsupportedParams,
): Pick<ConverseRequest, 'additionalModelRequestFields'> {
  const { reasoning_effort: effort, service_tier: tier } = request;
  for (const name of ['thinking', 'top_k', 'cache_control']) if (isSet(request[name])) unsupported.drop(name);
  if (isSet(tier) && tier !== 'auto' && tier !== 'default') unsupported.drop('service_tier');
  if (!isSet(effort)) return {};
  if (/gpt-oss/.test(model) && /^(?:low|medium|high)$/.test(effort)) {
    return { additionalModelRequestFields: { reasoning_effort: effort } };
  }
  if (/nova-2/.test(model) && /^(?:low|medium|high)$/.test(effort)) {
    return { additionalModelRequestFields: { reasoningConfig: { type: 'enabled', maxReasoningEffort: effort } } };
  }
  if (effort !== 'none') unsupported.drop('reasoning_effort');
  return {};
}

function isSet<T>(value: T): value is NonNullable<T> {
  return value !== undefined && value !== null;
}
