import { COUNT } from './dialects.js';

/** True for a model that is asked in Anthropic's format. */
export function isClaude(model: string): boolean {
  return /anthropic\.claude/.test(model);
}

/**
 * Makes the URLs of models; a model is an id, an inference profile or an ARN.
 *
 * Tokens are counted for the model behind a profile: profiles have no counter. Source: AWS, Amazon Bedrock API reference,
 * `CountTokens`, "The unique identifier or ARN of the foundation model".
 */
export function modelUrls(baseURL: string): (path: string, model: string) => string {
  return (path, model) => {
    const asked = path === COUNT ? foundationModel(model) : model;
    return `${baseURL}/model/${encodeURIComponent(asked)}${path}`;
  };
}

/** `arn:aws:bedrock:…:inference-profile/eu.anthropic.claude-…` and `eu.anthropic.claude-…` stand for `anthropic.claude-…`. */
function foundationModel(model: string): string {
  return model.replace(/^arn:.*\//, '').replace(/^[a-z-]+\.(?=anthropic\.)/, '');
}
