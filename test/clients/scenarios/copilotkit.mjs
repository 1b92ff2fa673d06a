/** CopilotKit's runtime: an agent with and without a tool of its own. BASE_URL API_KEY MODEL; prints a line of JSON. */
import { BuiltInAgent, defineTool } from '@copilotkit/runtime/v2';
import { z } from 'zod';

const [baseURL, apiKey, model] = process.argv.slice(2);
process.env.OPENAI_BASE_URL = baseURL; // the only way that it has
console.error = () => {}; // it prints refusals too
const results = [];

async function check(feature, work) {
  try {
    await work();
    results.push({ route: 'responses', feature });
  } catch (error) {
    results.push({ route: 'responses', feature, error: String(error) });
  }
}

function ask(name, tools) {
  const agent = new BuiltInAgent({ model: `openai/${name}`, apiKey, tools, maxSteps: 3 });
  agent.setMessages([{ id: '1', role: 'user', content: 'Hi.' }]);
  return agent.runAgent({});
}

await check('streamed tool loop', async () => {
  const weather = defineTool({
    name: 'weather',
    description: 'The weather of a city.',
    parameters: z.object({ city: z.string() }),
    execute: async ({ city }) => `${city} is sunny`,
  });
  const { newMessages } = await ask(model, [weather]);
  const text = JSON.stringify(newMessages);
  if (!text.includes('"weather"') || !text.includes('It is sunny.')) throw new Error(text);
});
await check('errors', async () => {
  const message = await ask('no-such-model', []).then(
    () => 'an answer',
    (error) => error.message,
  );
  if (!message.includes("'no-such-model' does not exist")) throw new Error(message);
});
process.stdout.write(`\n${JSON.stringify(results)}\n`);
process.exit(0);
