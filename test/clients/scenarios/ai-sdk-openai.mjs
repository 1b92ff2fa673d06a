import { createOpenAI } from '@ai-sdk/openai';
import { aiSdkEmbeddings, aiSdkScenario } from './ai-sdk.mjs';
import { report } from './report.mjs';

await report(async ({ baseURL, apiKey, model, check }) => {
  const openai = createOpenAI({ baseURL, apiKey });
  await aiSdkScenario('responses', openai(model), check);
  await aiSdkScenario('chat/completions', openai.chat(model), check);
  await aiSdkEmbeddings(openai.embeddingModel(model), check);
});
