// Made by `npm run catalogue`; changes made here are lost with the next run.
import type { ProviderModels } from '../model.js';
import { anthropic } from './anthropic.js';
import { azure } from './azure.js';
import { bedrock } from './bedrock.js';
import { deepseek } from './deepseek.js';
import { google } from './google.js';
import { groq } from './groq.js';
import { mistral } from './mistral.js';
import { openai } from './openai.js';
import { vertex } from './vertex.js';
import { xai } from './xai.js';

/** The day up to which the facts were followed. */
export const DATE = '2026-11-28';

/** All models by provider; makers come before clouds. */
export const PROVIDERS = { openai, anthropic, google, xai, deepseek, mistral, groq, azure, bedrock, vertex } as const satisfies Readonly<Record<string, ProviderModels>>;
