import { Agent, OpenAIProvider, Runner, setTracingDisabled, tool } from '@openai/agents';
import { expectThat, PARAMETERS, report, WEATHER } from './report.mjs';

setTracingDisabled(true);

await report(async ({ baseURL, apiKey, model, check }) => {
  const getWeather = tool({
    name: 'get_weather',
    description: 'The weather of a city.',
    parameters: PARAMETERS,
    strict: true,
    execute: async () => WEATHER,
  });
  const agent = new Agent({ name: 'Weather', instructions: 'Be brief.', model, tools: [getWeather] });
  for (const [route, useResponses] of [
    ['responses', true],
    ['chat/completions', false],
  ]) {
    const runner = new Runner({ modelProvider: new OpenAIProvider({ apiKey, baseURL, useResponses }) });
    await check(route, 'tools', async () => {
      const result = await runner.run(agent, 'What is the weather in Bern?');
      expectThat(result.finalOutput.includes(WEATHER), result.finalOutput);
    });
    await check(route, 'streamed tools', async () => {
      const result = await runner.run(agent, 'What is the weather in Bern?', { stream: true });
      let text = '';
      for await (const piece of result.toTextStream()) text += piece;
      await result.completed;
      expectThat(text.includes(WEATHER) && result.finalOutput.includes(WEATHER), { text, final: result.finalOutput });
    });
  }
});
