/**
 * The parts of Amazon Bedrock's Converse API that the gateway writes. Source: AWS, Amazon Bedrock API reference, `Converse`.
 */
export interface ConverseRequest {
  messages: ConverseMessage[];
  system?: SystemBlock[];
  inferenceConfig?: { maxTokens?: number; temperature?: number; topP?: number; stopSequences?: string[] };
  toolConfig?: { tools: ConverseTool[]; toolChoice?: ConverseToolChoice };
  requestMetadata?: Record<string, string>;
  additionalModelRequestFields?: Record<string, unknown>;
  [other: string]: unknown;
}

export interface ConverseMessage {
  role: 'user' | 'assistant';
  content: ConverseBlock[];
}

/** Marks the end of what a model's prompt cache may keep. */
export interface CachePoint {
  cachePoint: { type: 'default'; ttl?: '5m' | '1h' };
}

export type SystemBlock = { text: string } | CachePoint;

export type ConverseBlock =
  | SystemBlock
  | { image: { format: string; source: { bytes: string } } }
  | { document: { format: string; name: string; source: { bytes: string } } }
  | { toolUse: { toolUseId: string; name: string; input: Record<string, unknown> } }
  | { toolResult: { toolUseId: string; content: ConverseBlock[] } }
  | { reasoningContent: { reasoningText: { text: string; signature?: string } } | { redactedContent: string } };

export type ConverseTool =
  | { toolSpec: { name: string; description?: string; inputSchema: { json: Record<string, unknown> } } }
  | CachePoint;

export type ConverseToolChoice = { auto: object } | { any: object } | { tool: { name: string } };
