/** Claude's ids begin with its name, also behind a publisher's path. */
const CLAUDE = /(?:^|\/)claude/i;

/** True for a model that is asked in Anthropic's format. */
export function isClaude(model: string): boolean {
  return CLAUDE.test(model);
}

/** The path that counts Claude's tokens; the model is in the body. Source: Google Cloud, "Count tokens for Claude models". */
export const COUNT_CLAUDE = '/count-tokens:rawPredict';

/** The id alone of a model that may be a resource name. */
export function claudeId(model: string): string {
  return model.slice(model.lastIndexOf('/') + 1);
}

/** What stands at the end of a dialect's own path: `:generateContent`, `:rawPredict`, with its query. */
const METHOD = /:\w+(?:\?[\w=&]*)?$/;

/**
 * Where a location's models are. Source: Google Cloud, "Generative AI on Vertex AI locations": one host for each region, one for
 * all of them, and one for each multi-region.
 */
export function vertexHost(location: string): string {
  if (location === 'global') return 'https://aiplatform.googleapis.com';
  if (location === 'us' || location === 'eu') return `https://aiplatform.${location}.rep.googleapis.com`;
  return `https://${location}-aiplatform.googleapis.com`;
}

/**
 * Makes the URLs of models.
 *
 * A model is an id (`gemini-2.5-pro`), a publisher's path (`publishers/google/models/…`), a tuned model's endpoint
 * (`endpoints/123`) or any full resource name (`projects/…`). Source: Google Cloud, "Method: models.generateContent".
 *
 * @param root the host and the API version.
 */
export function modelUrls(root: string, project: string, location: string): (path: string, model: string) => string {
  const home = `projects/${encodeURIComponent(project)}/locations/${encodeURIComponent(location)}`;
  return (path, model) => {
    const method = METHOD.exec(path)?.[0];
    if (method === undefined) throw new Error(`no method in ${path}`);
    const resource = resourceName(model, home);
    return path === COUNT_CLAUDE
      ? `${root}/${resource.replace(/[^/]+$/, '')}${path.slice(1)}`
      : `${root}/${resource}${method}`;
  };
}

function resourceName(model: string, home: string): string {
  const path = model.split('/').map(segment).join('/');
  if (path.startsWith('projects/')) return path;
  if (/^(?:publishers|endpoints)\//.test(path)) return `${home}/${path}`;
  const publisher = isClaude(model) ? 'anthropic' : 'google';
  return `${home}/publishers/${publisher}/models/${path.replace(/^models\//, '')}`;
}

/** Versions of Claude are written with an at sign, which Google's pages leave as it is. */
function segment(text: string): string {
  return encodeURIComponent(text).replaceAll('%40', '@');
}
