/** OpenAI's whole answer to a chat request, as JSON. */
export function sampleAnswer(content: string): string {
  return JSON.stringify({
    id: 'chatcmpl-bench',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: 'bench',
    choices: [
      { index: 0, message: { role: 'assistant', content, refusal: null }, logprobs: null, finish_reason: 'stop' },
    ],
    usage: { prompt_tokens: 20, completion_tokens: 30, total_tokens: 50 },
  });
}
