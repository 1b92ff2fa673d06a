/** Runs the official client through everything it is tested with. */
export function openaiScenario(world: {
  client: unknown;
  parser: unknown;
  model: string;
  check: (route: string, feature: string, work: () => Promise<void>) => Promise<void>;
}): Promise<void>;
