import { anthropicProblem } from '../helpers/strict-anthropic.js';

/**
 * What a cloud would refuse in a body for Claude; undefined: nothing. It takes Anthropic's own bodies but for the model, which
 * is in the URL, and without what only Anthropic's own platform has. Sources: AWS, "Anthropic Claude Messages API"; Anthropic
 * docs, "Claude on Vertex AI", prompt caching.
 */
export function hostedProblem(body: Readonly<Record<string, unknown>>): string | undefined {
  const { anthropic_version: _, anthropic_beta: betas, ...messages } = body;
  const foreign = ['model', 'service_tier', 'cache_control', 'diagnostics', 'output_format'].find(
    (name) => name in body,
  );
  if (foreign !== undefined) return `${foreign}: Extra inputs are not permitted`;
  if (/"cache_control":\{[^}]*"scope"/.test(JSON.stringify(body)))
    return 'cache_control.scope: Extra inputs are not permitted';
  if (betas !== undefined && !(Array.isArray(betas) && betas.every((name) => KNOWN_BETAS.test(String(name))))) {
    return 'invalid beta flag';
  }
  return anthropicProblem({ ...messages, model: 'claude-sonnet-4-5' });
}

/** Source: AWS, "Anthropic Claude Messages API", beta headers. */
const KNOWN_BETAS =
  /^(?:computer-use|token-efficient-tools|interleaved-thinking|output-128k|dev-full-thinking|context-1m|context-management|effort|tool-search-tool|tool-examples|fine-grained-tool-streaming|compact)-[\d-]+$/;
