/** Mastra: an agent with and without a tool. BASE_URL API_KEY MODEL; prints a line of JSON. */
import { Agent } from '@mastra/core/agent';
import { createTool } from '@mastra/core/tools';
import { z } from 'zod';

const [baseURL, apiKey, model] = process.argv.slice(2);
console.error = () => {}; // it prints refusals too
const results = [];
const route = 'chat/completions';

async function check(feature, work) {
  try {
    await work();
    results.push({ route, feature });
  } catch (error) {
    results.push({ route, feature, error: String(error) });
  }
}

const weather = createTool({
  id: 'weather',
  description: 'The weather of a city.',
  inputSchema: z.object({ city: z.string() }),
  execute: async () => ({ weather: 'sunny' }),
});

function agent(name, tools = {}) {
  const instructions = 'Be brief.';
  return new Agent({
    id: 'app',
    name: 'app',
    instructions,
    model: { id: `gateway/${name}`, url: baseURL, apiKey },
    tools,
  });
}

function expectText(text, part) {
  if (!text.includes(part)) throw new Error(text);
}

await check('answer', async () => {
  const { text, usage } = await agent(model).generate('Hello!');
  expectText(text, 'Hello from');
  if (!(usage.totalTokens > 0)) throw new Error(JSON.stringify(usage));
});
await check('stream', async () => {
  let text = '';
  for await (const piece of (await agent(model).stream('Hello!')).textStream) text += piece;
  expectText(text, 'Hello from');
});
await check('tool loop', async () => {
  expectText((await agent(model, { weather }).generate('What is the weather in Bern?')).text, 'sunny');
});
await check('streamed tool loop', async () => {
  expectText(await (await agent(model, { weather }).stream('What is the weather in Bern?')).text, 'sunny');
});
await check('object', async () => {
  const { object } = await agent(model).generate('Where?', {
    structuredOutput: { schema: z.object({ city: z.string() }) },
  });
  if (object?.city !== 'Bern') throw new Error(JSON.stringify(object));
});
await check('errors', async () => {
  const message = await agent('no-such-model')
    .generate('Hello!', { modelSettings: { maxRetries: 0 } })
    .then(
      ({ text }) => text,
      (error) => `${error.message} ${error.cause?.message}`,
    );
  expectText(message, "'no-such-model' does not exist");
});
process.stdout.write(`\n${JSON.stringify(results)}\n`);
process.exit(0);
