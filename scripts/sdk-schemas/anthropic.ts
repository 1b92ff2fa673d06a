import type Anthropic from '@anthropic-ai/sdk';

export interface MessageAnswer extends Anthropic.Message {}
export interface MessageEvent {
  event: Anthropic.RawMessageStreamEvent | { type: 'ping' } | Anthropic.ErrorResponse;
}
export interface TokensCounted extends Anthropic.MessageTokensCount {}
export interface ErrorAnswer extends Anthropic.ErrorResponse {}
export interface ModelAnswer extends Anthropic.ModelInfo {}
export interface ModelPage {
  data: Anthropic.ModelInfo[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
}
