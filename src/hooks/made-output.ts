import type { ChatCompletionChunk } from '../openai-api/chat-chunk.js';
import { estimateOutput, lettersOf } from '../openai-api/input-size.js';
import { estimateChunk, estimateRelayedText, RelayedOutput } from '../openai-api/relayed-output.js';

/**
 * Output tokens that a model has made before hooks took from them, by the gateway's own estimate. Charged where the
 * provider reports no usage: what hooks withhold was made as well.
 */
export class MadeOutput {
  tokens = 0;
  readonly #relayed = new RelayedOutput();

  chunks(chunks: readonly (ChatCompletionChunk | string)[]): void {
    for (const chunk of chunks) {
      if (typeof chunk !== 'string') this.tokens += estimateChunk(chunk);
      else this.tokens += this.#relayed.estimate(chunk) || estimateRelayedText(chunk);
    }
  }

  whole(choices: unknown): void {
    this.tokens += estimateOutput(lettersOf(JSON.stringify(choices)));
  }
}
