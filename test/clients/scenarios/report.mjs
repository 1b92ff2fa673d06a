import { parseArgs } from 'node:util';

/** The tool that all scenarios offer, and what it says. */
export const PARAMETERS = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};
export const WEATHER = 'sunny';

/** Throws with what was found where something else was expected. */
export function expectThat(condition, found) {
  if (!condition) throw new Error(`unexpected: ${JSON.stringify(found)?.slice(0, 600)}`);
}

/** Runs a scenario against the gateway named in the arguments, and prints what became of each check as JSON. */
export async function report(scenario) {
  const { values } = parseArgs({
    options: { baseURL: { type: 'string' }, apiKey: { type: 'string' }, model: { type: 'string' } },
  });
  const results = [];
  const check = async (route, feature, work) => {
    try {
      await work();
      results.push({ route, feature });
    } catch (error) {
      results.push({ route, feature, error: `${error?.stack ?? error} ${error?.cause ?? ''}`.slice(0, 1_500) });
    }
  };
  await scenario({ ...values, provider: values.model, check });
  process.stdout.write(`\n${JSON.stringify(results)}\n`, () => process.exit(0));
}
