import type { CountTokensResponse, GenerateContentResponse } from '@google/genai';

/** What the class reads out of itself is no part of the answer. */
type Derived = 'text' | 'data' | 'functionCalls' | 'executableCode' | 'codeExecutionResult' | 'sdkHttpResponse';

export interface GenerateContentAnswer extends Omit<GenerateContentResponse, Derived> {}
export interface CountTokensAnswer extends Omit<CountTokensResponse, 'sdkHttpResponse'> {}

/** As ai.google.dev documents it; the SDK's type has the names that it makes of them. */
export interface GeminiModel {
  name: string;
  baseModelId?: string;
  version: string;
  displayName?: string;
  description?: string;
  inputTokenLimit?: number;
  outputTokenLimit?: number;
  supportedGenerationMethods?: string[];
  temperature?: number;
  maxTemperature?: number;
  topP?: number;
  topK?: number;
  thinking?: boolean;
}

/** Source: google.rpc.Status, as the APIs of Google write errors. */
export interface GeminiError {
  error: { code: number; message: string; status: string; details?: Record<string, unknown>[] };
}
