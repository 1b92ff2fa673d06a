/**
 * The Gemini API's own types, as far as they are read or written here. Source: ai.google.dev, API reference,
 * "Generating content". Everything in an answer may be missing or new, so readers check what they use.
 */

/** The body of `models/{model}:generateContent`. */
export interface GenerateContentRequest {
  contents: Content[];
  systemInstruction?: { parts: Part[] };
  tools?: NativeTool[];
  toolConfig?: { functionCallingConfig: FunctionCallingConfig };
  safetySettings?: unknown[];
  serviceTier?: string;
  generationConfig?: GenerationConfig;
}

export interface Content {
  role?: string;
  parts?: Part[];
}

/** Exactly one of the data fields is set. */
export interface Part {
  text?: string;
  /** The text is a summary of the model's thoughts. */
  thought?: boolean;
  /** Opaque base64 that must come back with the same part. */
  thoughtSignature?: string;
  inlineData?: { mimeType?: string; data?: string };
  fileData?: { mimeType?: string; fileUri?: string };
  functionCall?: FunctionCall;
  functionResponse?: FunctionResponse;
  [other: string]: unknown;
}

export interface FunctionCall {
  id?: string;
  name?: string;
  args?: Record<string, unknown>;
  /** Vertex AI with `streamFunctionCallArguments`: pieces of the arguments. */
  partialArgs?: PartialArg[];
  /** More pieces of this call follow. */
  willContinue?: boolean;
}

/** A piece of one argument; string values of the same path are concatenated. */
export interface PartialArg {
  jsonPath?: string;
  stringValue?: string;
  numberValue?: number;
  boolValue?: boolean;
  nullValue?: unknown;
  willContinue?: boolean;
}

interface FunctionResponse {
  id?: string;
  name: string;
  response: Record<string, unknown>;
  /** Media of the result; Gemini 3 and newer. */
  parts?: Part[];
}

export interface FunctionDeclaration {
  name: string;
  description?: string;
  parametersJsonSchema?: unknown;
}

export interface NativeTool {
  functionDeclarations?: FunctionDeclaration[];
  googleSearch?: Record<string, never>;
}

export interface FunctionCallingConfig {
  mode: 'AUTO' | 'ANY' | 'NONE' | 'VALIDATED';
  allowedFunctionNames?: string[];
}

export interface ThinkingConfig {
  includeThoughts?: boolean;
  /** Tokens; 0 turns thinking off. Never together with a level. */
  thinkingBudget?: number;
  thinkingLevel?: 'MINIMAL' | 'LOW' | 'MEDIUM' | 'HIGH';
}

export interface GenerationConfig {
  maxOutputTokens?: number;
  temperature?: number;
  topP?: number;
  topK?: number;
  /** A 32-bit integer. */
  seed?: number;
  presencePenalty?: number;
  frequencyPenalty?: number;
  stopSequences?: string[];
  responseLogprobs?: boolean;
  logprobs?: number;
  responseMimeType?: string;
  responseJsonSchema?: unknown;
  responseModalities?: string[];
  thinkingConfig?: ThinkingConfig;
}

/** A whole answer, or one event of a stream. */
export interface GenerateContentResponse {
  candidates?: Candidate[];
  promptFeedback?: { blockReason?: string; blockReasonMessage?: string };
  usageMetadata?: UsageMetadata;
  modelVersion?: string;
  responseId?: string;
  /** RFC 3339; Vertex AI only. */
  createTime?: string;
  error?: unknown;
}

export interface Candidate {
  index?: number;
  content?: Content;
  finishReason?: string;
  finishMessage?: string;
  groundingMetadata?: GroundingMetadata;
  logprobsResult?: LogprobsResult;
}

/** Token counts; `promptTokenCount` includes cached ones, `candidatesTokenCount` excludes thoughts. */
export interface UsageMetadata {
  promptTokenCount?: unknown;
  cachedContentTokenCount?: unknown;
  candidatesTokenCount?: unknown;
  thoughtsTokenCount?: unknown;
  toolUsePromptTokenCount?: unknown;
  totalTokenCount?: unknown;
  /** Lists of `ModalityTokenCount`. */
  promptTokensDetails?: unknown;
  cacheTokensDetails?: unknown;
  candidatesTokensDetails?: unknown;
  toolUsePromptTokensDetails?: unknown;
  serviceTier?: unknown;
  trafficType?: unknown;
}

export interface GroundingMetadata {
  /** The searches that were made, each billed. */
  webSearchQueries?: unknown;
  groundingChunks?: { web?: GroundingSource; retrievedContext?: GroundingSource; maps?: GroundingSource }[];
  groundingSupports?: GroundingSupport[];
}

interface GroundingSource {
  uri?: string;
  title?: string;
}

export interface GroundingSupport {
  /** Offsets in bytes of UTF-8. */
  segment?: { startIndex?: number; endIndex?: number; text?: string };
  groundingChunkIndices?: number[];
}

export interface LogprobsResult {
  chosenCandidates?: LogprobsCandidate[];
  topCandidates?: { candidates?: LogprobsCandidate[] }[];
}

/** proto3 JSON leaves out zeros and empty strings. */
export interface LogprobsCandidate {
  token?: string;
  logProbability?: number;
}
