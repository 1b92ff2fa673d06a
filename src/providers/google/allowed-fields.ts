import type { AllowedFields } from '../allowed-fields.js';

const THINKING: AllowedFields = { includeThoughts: 'value', thinkingBudget: 'value', thinkingLevel: 'value' };

/**
 * Native fields that a client may set, in camelCase. Not among them: contents and cached contents, which all accounts of the
 * provider's account share; sound as output, which costs more than text.
 *
 * Source: ai.google.dev, API reference, `models.generateContent`.
 */
export const ALLOWED: AllowedFields = {
  generationConfig: {
    candidateCount: 'value',
    maxOutputTokens: 'value',
    temperature: 'value',
    topP: 'value',
    topK: 'value',
    seed: 'value',
    presencePenalty: 'value',
    frequencyPenalty: 'value',
    stopSequences: 'value',
    responseMimeType: 'value',
    responseSchema: 'json',
    responseJsonSchema: 'json',
    responseLogprobs: 'value',
    logprobs: 'value',
    mediaResolution: 'value',
    imageConfig: { aspectRatio: 'value', imageSize: 'value' },
    thinkingConfig: THINKING,
  },
  safetySettings: [{ category: 'value', threshold: 'value', method: 'value' }],
  labels: 'json',
  toolConfig: {
    functionCallingConfig: { mode: 'value', allowedFunctionNames: 'value' },
    retrievalConfig: { latLng: { latitude: 'value', longitude: 'value' }, languageCode: 'value' },
    includeServerSideToolInvocations: 'value',
  },
  tools: [
    {
      functionDeclarations: 'json',
      googleSearch: { timeRangeFilter: { startTime: 'value', endTime: 'value' }, excludeDomains: 'value' },
      googleSearchRetrieval: { dynamicRetrievalConfig: { mode: 'value', dynamicThreshold: 'value' } },
      urlContext: {},
      codeExecution: {},
      googleMaps: { enableWidget: 'value' },
    },
  ],
};

/** Native fields of an embedding. Source: ai.google.dev, API reference, `models.embedContent`. */
export const ALLOWED_FOR_EMBEDDINGS: AllowedFields = {
  taskType: 'value',
  title: 'value',
  outputDimensionality: 'value',
  autoTruncate: 'value',
};
