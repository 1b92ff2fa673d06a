import Instructor from '@instructor-ai/instructor';
import OpenAI from 'openai';
import { z } from 'zod/v3';
import { expectThat, report } from './report.mjs';

await report(async ({ baseURL, apiKey, model, check }) => {
  const schema = z.object({ city: z.string() });
  for (const mode of ['TOOLS', 'JSON']) {
    const client = Instructor({ client: new OpenAI({ baseURL, apiKey, maxRetries: 0 }), mode });
    await check('chat/completions', mode === 'TOOLS' ? 'object by tool' : 'object by JSON', async () => {
      const messages = [{ role: 'user', content: 'Where? Answer in JSON.' }];
      const place = await client.chat.completions.create({
        model,
        messages,
        response_model: { schema, name: 'Place' },
        max_retries: 0,
      });
      expectThat(place.city === 'Bern', place);
    });
  }
});
