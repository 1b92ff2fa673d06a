// What clients send and receive, in the formats of the three APIs.
export type {
  Block as MessageBlock,
  MessageParam,
  MessagesBody,
  MessagesRequest,
  ThinkingParam,
  ToolChoiceParam,
  ToolParam,
} from './anthropic-api/messages-request.js';
export type {
  Content as GeminiContent,
  GenerateContentBody,
  GenerateContentRequest,
  GenerationConfig,
  Part as GeminiPart,
} from './gemini-api/generate-content-request.js';
export type { ChatChunkChoice, ChatCompletionChunk, ChatDelta, ToolCallDelta } from './openai-api/chat-chunk.js';
export type {
  Annotation,
  AnswerAudio,
  ChatAnswerMessage,
  ChatChoice,
  ChatCompletion,
  FinishReason,
} from './openai-api/chat-completion.js';
export type {
  AudioPart,
  CacheControl,
  ContentPart,
  ExtraContent,
  FilePart,
  ImagePart,
  RefusalPart,
  TextPart,
  ToolCall,
} from './openai-api/chat-message.js';
export type {
  AssistantMessage,
  ChatMessage,
  ChatRequest,
  FunctionDefinition,
  FunctionMessage,
  ReasoningDetail,
  ResponseFormat,
  SystemMessage,
  Tool,
  ToolChoice,
  ToolMessage,
  UserMessage,
} from './openai-api/chat-request.js';
export type { CompletionRequest } from './openai-api/completion-request.js';
export type { ReasoningEffort } from './openai-api/effort-levels.js';
export type { Embedding, Embeddings, EmbeddingsRequest } from './openai-api/embeddings.js';
export type { MediaPath, MediaRequest, MediaUse } from './openai-api/media/media-request.js';
export type {
  CustomItem,
  FunctionCallItem,
  FunctionOutputItem,
  InputItem,
  InputPart,
  MessageItem,
  OtherItem,
  OtherItemType,
  ReasoningItem,
  ResponsesRequest,
  ResponsesTool,
  ResponsesToolChoice,
  TextFormat,
  ToolChoiceObject,
} from './openai-api/responses/responses-request.js';
