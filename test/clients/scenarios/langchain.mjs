import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { expectThat, PARAMETERS, report, WEATHER } from './report.mjs';

const getWeather = tool(() => WEATHER, {
  name: 'get_weather',
  description: 'The weather of a city.',
  schema: PARAMETERS,
});

await report(async ({ baseURL, apiKey, model, check }) => {
  const options = { model, apiKey, maxRetries: 0, configuration: { baseURL } };
  for (const [route, chat] of [
    ['chat/completions', new ChatOpenAI(options)],
    ['responses', new ChatOpenAI({ ...options, useResponsesApi: true })],
  ]) {
    await check(route, 'answer', async () => {
      const answer = await chat.invoke('Hello!');
      expectThat(answer.text.startsWith('Hello from') && answer.usage_metadata.total_tokens > 0, answer);
    });
    await check(route, 'stream', async () => {
      let text = '';
      for await (const chunk of await chat.stream('Hello!')) text += chunk.text;
      expectThat(text.startsWith('Hello from'), text);
    });
    await check(route, 'tools', async () => {
      const armed = chat.bindTools([getWeather]);
      const question = new HumanMessage('What is the weather in Bern?');
      const first = await armed.invoke([question]);
      expectThat(first.tool_calls?.[0]?.args.city === 'Bern', first);
      const result = new ToolMessage({ content: WEATHER, tool_call_id: first.tool_calls[0].id });
      const second = await armed.invoke([question, first, result]);
      expectThat(second.text.includes(WEATHER), second);
    });
  }
  await check('embeddings', 'vectors', async () => {
    const vectors = await new OpenAIEmbeddings(options).embedDocuments(['a', 'b']);
    expectThat(vectors.length === 2 && vectors[0].length === 8, vectors);
  });
});
