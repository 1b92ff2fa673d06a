import type { Checked } from './run-client.js';

/** What became of the checks: by client, then by provider. */
export type ClientResults = Map<string, Map<string, readonly Checked[]>>;

/** A Markdown table: a row for each client and route, with what was done and at which providers it worked. */
export function tableOf(results: ClientResults, providers: readonly string[]): string {
  const lines = [
    `| Client | Route | What was run | ${providers.join(' | ')} |`,
    `|---|---|---|${providers.map(() => '---|').join('')}`,
  ];
  for (const [client, byProvider] of results) {
    for (const [route, features] of featuresOf(byProvider)) {
      const cells = providers.map((provider) => mark(byProvider.get(provider) ?? [], route));
      lines.push(`| ${client} | \`${route}\` | ${features.join(', ')} | ${cells.join(' | ')} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function featuresOf(byProvider: ReadonlyMap<string, readonly Checked[]>): Map<string, string[]> {
  const features = new Map<string, string[]>();
  for (const checked of byProvider.values()) {
    for (const { route, feature } of checked) {
      const known = features.get(route) ?? [];
      if (!known.includes(feature)) features.set(route, [...known, feature]);
    }
  }
  return features;
}

function mark(checked: readonly Checked[], route: string): string {
  const onRoute = checked.filter((one) => one.route === route);
  return onRoute.length > 0 && onRoute.every(({ error }) => error === undefined) ? 'yes' : '–';
}
