import { openai, openaiCompatible } from '../../src/providers/openai/index.js';
import type { ProviderAdapter } from '../../src/providers/provider-adapter.js';
import type { RecordedProvider } from './recordings.js';

/** An adapter for each provider that has recordings; random ids are the same each time. */
export const RECORDED_ADAPTERS: Readonly<Partial<Record<RecordedProvider, (baseURL: string) => ProviderAdapter>>> = {
  openai: (baseURL) => openai({ apiKey: 'sk-upstream-secret', baseURL }),
  compatible: (baseURL) => openaiCompatible({ apiKey: 'upstream-secret', baseURL, random: () => 0.5 }),
};
