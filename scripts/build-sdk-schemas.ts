/**
 * Makes JSON schemas of what Anthropic's and Google's own SDKs expect of answers, for the tests: `test/schemas/*.json`. Run it
 * (`npm run schemas`) when those packages were updated; it fetches its generator, which nothing else needs.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const GENERATOR = 'ts-json-schema-generator@2.10.0';
const SOURCES = { anthropic: '@anthropic-ai/sdk', gemini: '@google/genai' };
const pathOf = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));

for (const [name, source] of Object.entries(SOURCES)) {
  const types = pathOf(`scripts/sdk-schemas/${name}.ts`);
  const settings = ['--tsconfig', pathOf('tsconfig.json'), '--type', '*', '--expose', 'export', '--jsDoc', 'none'];
  const command = ['exec', '--yes', `--package=${GENERATOR}`, '--', 'ts-json-schema-generator', '--path', types];
  const text = execFileSync('npm', [...command, ...settings, '--no-type-check'], { encoding: 'utf8' });
  const { definitions } = JSON.parse(text) as { definitions: Record<string, { required?: string[] }> };
  // Anthropic's own answers leave it out where there is none, and clients refuse null.
  const block = definitions['TextBlock'];
  if (block?.required) block.required = block.required.filter((field) => field !== 'citations');
  const { version } = JSON.parse(readFileSync(pathOf(`node_modules/${source}/package.json`), 'utf8')) as {
    version: string;
  };
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: `https://metask-gateway.test/${name}.json`,
    $comment: `What ${source} ${version} expects; made by scripts/build-sdk-schemas.ts.`,
    definitions,
  };
  writeFileSync(pathOf(`test/schemas/${name}.json`), `${JSON.stringify(schema, null, 1)}\n`);
  execFileSync('npx', ['biome', 'format', '--write', pathOf(`test/schemas/${name}.json`)]);
  console.log(`test/schemas/${name}.json: ${Object.keys(definitions).length} definitions of ${source} ${version}`);
}
