/**
 * What becomes of each field of a chat request: `kept` (same meaning, perhaps another name), `translated` (another form),
 * `refused` (an error unless it asks for nothing). A field that is not listed is dropped: left out and reported.
 *
 * Source: the OpenAI API reference, and AI SDK, `LanguageModelV3CallOptions`.
 */
export const PARAMETERS: Readonly<Record<string, 'kept' | 'translated' | 'refused'>> = {
  model: 'kept',
  messages: 'translated',
  stream: 'kept',
  stream_options: 'kept',
  max_completion_tokens: 'kept',
  max_tokens: 'kept',
  temperature: 'kept',
  top_p: 'kept',
  top_k: 'kept',
  stop: 'kept',
  seed: 'kept',
  frequency_penalty: 'kept',
  presence_penalty: 'kept',
  tools: 'translated',
  tool_choice: 'translated',
  response_format: 'translated',
  provider_options: 'kept',
  n: 'refused',
  modalities: 'refused',
  audio: 'refused',
  web_search_options: 'refused',
  functions: 'refused',
  function_call: 'refused',
};
