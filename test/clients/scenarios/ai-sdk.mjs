import { embedMany, generateText, jsonSchema, Output, stepCountIs, streamText, tool } from 'ai';
import { expectThat, PARAMETERS, WEATHER } from './report.mjs';

const tools = {
  get_weather: tool({
    description: 'The weather of a city.',
    inputSchema: jsonSchema(PARAMETERS),
    execute: async ({ city }) => `${WEATHER} in ${city}`,
  }),
};

/** The AI SDK's four ways to ask, on the route that the model uses. */
export async function aiSdkScenario(route, model, check) {
  await check(route, 'answer', async () => {
    const { text, usage } = await generateText({ model, prompt: 'Hello!', maxRetries: 0 });
    expectThat(text.startsWith('Hello from') && usage.totalTokens > 0, { text, usage });
  });
  await check(route, 'stream', async () => {
    const result = streamText({ model, prompt: 'Hello!', maxRetries: 0, onError: () => {} });
    let text = '';
    for await (const piece of result.textStream) text += piece;
    expectThat(text.startsWith('Hello from'), text);
  });
  await check(route, 'tool loop', async () => {
    const messages = [{ role: 'user', content: 'What is the weather in Bern?' }];
    const first = await generateText({ model, messages, tools, stopWhen: stepCountIs(3), maxRetries: 0 });
    expectThat(first.steps.length === 2 && first.text.includes(WEATHER), first.steps);
    messages.push(...(first.responseMessages ?? first.response.messages), { role: 'user', content: 'And tomorrow?' });
    const second = await generateText({ model, messages, tools, stopWhen: stepCountIs(3), maxRetries: 0 });
    expectThat(second.text.includes(WEATHER), second.steps);
  });
  await check(route, 'streamed tool loop', async () => {
    const messages = [{ role: 'user', content: 'What is the weather in Bern?' }];
    const first = streamText({ model, messages, tools, stopWhen: stepCountIs(3), maxRetries: 0, onError: () => {} });
    expectThat((await first.text).includes(WEATHER), await first.text);
    messages.push(...((await first.responseMessages) ?? (await first.response).messages), {
      role: 'user',
      content: 'And tomorrow?',
    });
    const second = streamText({ model, messages, tools, stopWhen: stepCountIs(3), maxRetries: 0, onError: () => {} });
    expectThat((await second.text).includes(WEATHER), await second.text);
  });
  await check(route, 'object', async () => {
    const output = Output.object({ schema: jsonSchema(PARAMETERS) });
    const result = await generateText({ model, prompt: 'Where? Answer in JSON.', output, maxRetries: 0 });
    expectThat(result.output.city === 'Bern', result.output);
  });
}

/** Its embeddings. */
export async function aiSdkEmbeddings(model, check) {
  await check('embeddings', 'vectors', async () => {
    const { embeddings } = await embedMany({ model, values: ['a', 'b'], maxRetries: 0 });
    expectThat(embeddings.length === 2 && embeddings[0].length === 8, embeddings);
  });
}
