/** LibreChat's agents: the library with which its server calls models. BASE_URL API_KEY MODEL; prints a line of JSON. */
import { HumanMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatModelStreamHandler, GraphEvents, ModelEndHandler, Providers, Run } from '@librechat/agents';
import { z } from 'zod';

const [baseURL, apiKey, model] = process.argv.slice(2);
console.error = () => {}; // it prints refusals too
const results = [];
let route;

async function check(feature, work) {
  try {
    await work();
    results.push({ route, feature });
  } catch (error) {
    results.push({ route, feature, error: String(error) });
  }
}

const weather = tool(async () => 'sunny', {
  name: 'weather',
  description: 'The weather of a city.',
  schema: z.object({ city: z.string() }),
});
const config = { configurable: { thread_id: '1', user_id: '1' }, streamMode: 'values', version: 'v2' };

async function ask(options, text, tools = []) {
  const usage = [];
  const run = await Run.create({
    runId: '1',
    graphConfig: {
      type: 'standard',
      llmConfig: { streaming: true, streamUsage: true, apiKey, maxRetries: 0, ...options },
      tools,
    },
    returnContent: true,
    skipCleanup: true,
    customHandlers: {
      [GraphEvents.CHAT_MODEL_END]: new ModelEndHandler(usage),
      [GraphEvents.CHAT_MODEL_STREAM]: new ChatModelStreamHandler(),
    },
  });
  await run.processStream({ messages: [new HumanMessage(text)] }, config);
  return { run, usage, text: JSON.stringify(run.getRunMessages()) };
}

function expectText(text, part) {
  if (!text.includes(part)) throw new Error(text);
}

const openai = { provider: Providers.OPENAI, model, configuration: { baseURL } };
// Anthropic's and Google's clients add the version themselves
const origin = new URL(baseURL).origin;
for (const [path, options] of [
  ['chat/completions', openai],
  ['responses', { ...openai, useResponsesApi: true }],
  ['messages', { provider: Providers.ANTHROPIC, model, clientOptions: { baseURL: origin } }],
  ['models/{model}:generateContent', { provider: Providers.GOOGLE, model, baseUrl: origin }],
]) {
  route = path;
  await check('stream', async () => {
    const { text, usage } = await ask(options, 'Hello!');
    expectText(text, 'Hello from');
    if (!(usage[0]?.output_tokens > 0)) throw new Error(JSON.stringify(usage));
  });
  await check('streamed tool loop', async () => {
    expectText((await ask(options, 'What is the weather in Bern?', [weather])).text, 'It is sunny.');
  });
  await check('errors', async () => {
    const message = await ask({ ...options, model: 'no-such-model' }, 'Hello!').then(
      ({ text }) => text,
      (error) => error.message,
    );
    expectText(message, "'no-such-model' does not exist");
  });
}
process.stdout.write(`\n${JSON.stringify(results)}\n`);
process.exit(0);
