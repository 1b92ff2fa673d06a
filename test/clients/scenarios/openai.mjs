import { expectThat, PARAMETERS, WEATHER } from './report.mjs';

const question = [{ role: 'user', content: 'What is the weather in Bern?' }];
const definition = { name: 'get_weather', description: 'The weather of a city.', parameters: PARAMETERS, strict: true };
const schema = { type: 'json_schema', json_schema: { name: 'place', schema: PARAMETERS, strict: true } };
const textSchema = { type: 'json_schema', name: 'place', schema: PARAMETERS, strict: true };

/** The official client, of whichever version is given. */
export async function openaiScenario({ client, parser, model, check }) {
  await check('chat/completions', 'answer', async () => {
    const answer = await client.chat.completions.create({ model, messages: [{ role: 'user', content: 'Hello!' }] });
    expectThat(answer.choices[0].message.content.startsWith('Hello from'), answer);
  });
  await check('chat/completions', 'stream', async () => {
    let text = '';
    for await (const chunk of await client.chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
    }))
      text += chunk.choices[0]?.delta.content ?? '';
    expectThat(text.startsWith('Hello from'), text);
  });
  await check('chat/completions', 'tools', async () => {
    const runner = client.chat.completions.runTools({
      model,
      messages: question,
      tools: [{ type: 'function', function: { ...definition, parse: JSON.parse, function: () => WEATHER } }],
    });
    expectThat((await runner.finalContent())?.includes(WEATHER), await runner.finalContent());
  });
  await check('chat/completions', 'object', async () => {
    const response_format = parser.makeParseableResponseFormat(schema, JSON.parse);
    const answer = await client.chat.completions.parse({ model, messages: question, response_format });
    expectThat(answer.choices[0].message.parsed.city === 'Bern', answer);
  });
  await check('responses', 'answer', async () => {
    const answer = await client.responses.create({ model, input: 'Hello!' });
    expectThat(answer.output_text.startsWith('Hello from') && answer.usage.total_tokens > 0, answer);
  });
  await check('responses', 'stream', async () => {
    const stream = client.responses.stream({ model, input: 'Hello!' });
    let text = '';
    stream.on('response.output_text.delta', ({ delta }) => (text += delta));
    const final = await stream.finalResponse();
    expectThat(text.startsWith('Hello from') && final.output_text === text, final);
  });
  await check('responses', 'tools', async () => {
    const tools = [{ type: 'function', ...definition }];
    const first = await client.responses.create({ model, input: question, tools });
    const call = first.output.find(({ type }) => type === 'function_call');
    expectThat(JSON.parse(call.arguments).city === 'Bern', first);
    const output = { type: 'function_call_output', call_id: call.call_id, output: WEATHER };
    const second = await client.responses.create({ model, input: [...question, ...first.output, output], tools });
    expectThat(second.output_text.includes(WEATHER), second);
  });
  await check('responses', 'object', async () => {
    const format = parser.makeParseableTextFormat(textSchema, JSON.parse);
    const answer = await client.responses.parse({ model, input: 'Where?', text: { format } });
    expectThat(answer.output_parsed.city === 'Bern', answer);
  });
  await check('embeddings', 'vectors', async () => {
    const { data } = await client.embeddings.create({ model, input: ['a', 'b'] });
    expectThat(data.length === 2 && data[0].embedding.length === 8, data);
  });
  await check('completions', 'answer', async () => {
    const answer = await client.completions.create({ model, prompt: 'Hello!' });
    expectThat(answer.choices[0].text.startsWith('Hello from'), answer);
  });
  await check('models', 'list and find', async () => {
    const ids = (await client.models.list()).data.map(({ id }) => id);
    expectThat(ids.includes(model) && (await client.models.retrieve(model)).id === model, ids);
  });
}
