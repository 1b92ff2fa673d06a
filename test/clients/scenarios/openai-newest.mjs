import OpenAI from 'openai';
import * as parser from 'openai/lib/parser';
import { openaiScenario } from './openai.mjs';
import { report } from './report.mjs';

await report(({ baseURL, apiKey, model, check }) => {
  const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
  return openaiScenario({ client, parser, model, check });
});
