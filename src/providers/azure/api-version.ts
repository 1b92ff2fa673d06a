/** `2024-10-21`, `2025-04-01-preview`. */
const DATED = /^\d{4}-\d{2}-\d{2}(?:-preview)?$/;
/** Names that the v1 API takes in place of a date. */
const V1 = /^(?:v1|latest|preview)$/;

/** The URL of a request to one of Azure's two APIs. */
export type AzureUrl = (path: string, deployment: string) => string;

/**
 * The v1 API is like OpenAI's own, with the deployment as the model. The dated one has a path for each deployment, but for
 * responses, and a version in each URL.
 *
 * Source: Microsoft Learn, "Azure OpenAI in Microsoft Foundry Models REST API reference" and "API version lifecycle".
 *
 * @param root the resource's URL up to and including `/openai`.
 * @throws {TypeError} for a malformed version.
 */
export function azureUrl(root: string, apiVersion: string | undefined): AzureUrl {
  if (apiVersion === undefined || V1.test(apiVersion)) {
    const query = apiVersion === undefined || apiVersion === 'v1' ? '' : `?api-version=${apiVersion}`;
    return (path) => `${root}/v1${path}${query}`;
  }
  if (!DATED.test(apiVersion)) {
    throw new TypeError(`azureOpenAI: apiVersion must be a date such as '2024-10-21', 'preview' or 'latest'`);
  }
  const query = `?api-version=${apiVersion}`;
  return (path, deployment) => {
    const place = path === '/responses' ? '' : `/deployments/${encodeURIComponent(deployment)}`;
    return root + place + path + query;
  };
}

/** The resource's URL up to `/openai`, from its name or from any of the URLs that Azure's pages show. */
export function azureRoot(resource: string | undefined, baseURL: string | undefined): string {
  if ((resource === undefined) === (baseURL === undefined)) {
    throw new TypeError('azureOpenAI: give either resource or baseURL');
  }
  if (resource !== undefined) {
    if (!/^[a-z0-9][a-z0-9-]*$/i.test(resource)) {
      throw new TypeError('azureOpenAI: resource must be the name alone: letters, digits and dashes');
    }
    return `https://${resource}.openai.azure.com/openai`;
  }
  const base = String(baseURL).replace(/\/+$/, '');
  return `${base.replace(/\/openai(?:\/v1)?$/, '')}/openai`;
}
