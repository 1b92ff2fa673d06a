import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { aiSdkEmbeddings, aiSdkScenario } from './ai-sdk.mjs';
import { report } from './report.mjs';

await report(async ({ baseURL, apiKey, model, check }) => {
  const provider = createOpenAICompatible({ name: 'gateway', baseURL, apiKey, includeUsage: true });
  await aiSdkScenario('chat/completions', provider(model), check);
  await aiSdkEmbeddings(provider.embeddingModel(model), check);
});
