import { describe, expect, test } from 'vitest';
import { azureRoot, azureUrl } from '../../src/providers/azure/api-version.js';
import { modelUrls as bedrockUrls } from '../../src/providers/bedrock/models.js';
import { COUNT_CLAUDE, modelUrls, vertexHost } from '../../src/providers/vertex/models.js';

describe('Azure', () => {
  const root = azureRoot('contoso', undefined);
  const PATHS = [
    ...['/chat/completions', '/embeddings', '/completions', '/images/generations', '/images/edits'],
    ...['/audio/speech', '/audio/transcriptions', '/audio/translations'],
  ];

  test.each(PATHS)('%s has a deployment in the path of the dated API, and none in that of v1', (path) => {
    const dated = azureUrl(root, '2025-04-01-preview')(path, 'my deployment');
    expect(dated).toBe(
      `https://contoso.openai.azure.com/openai/deployments/my%20deployment${path}?api-version=2025-04-01-preview`,
    );
    expect(azureUrl(root, undefined)(path, 'd')).toBe(`https://contoso.openai.azure.com/openai/v1${path}`);
    expect(azureUrl(root, 'v1')(path, 'd')).toBe(`https://contoso.openai.azure.com/openai/v1${path}`);
    expect(azureUrl(root, 'preview')(path, 'd')).toBe(
      `https://contoso.openai.azure.com/openai/v1${path}?api-version=preview`,
    );
  });

  test('responses have no deployment in the path', () => {
    expect(azureUrl(root, '2025-04-01-preview')('/responses', 'd')).toBe(
      'https://contoso.openai.azure.com/openai/responses?api-version=2025-04-01-preview',
    );
  });

  test.each([
    'https://contoso.services.ai.azure.com',
    'https://contoso.services.ai.azure.com/',
    'https://contoso.services.ai.azure.com/openai',
    'https://contoso.services.ai.azure.com/openai/v1',
    'https://contoso.services.ai.azure.com/openai/v1/',
  ])('%s is any of the forms that its pages show', (baseURL) => {
    expect(azureUrl(azureRoot(undefined, baseURL), undefined)('/responses', 'd')).toBe(
      'https://contoso.services.ai.azure.com/openai/v1/responses',
    );
  });
});

describe('Vertex AI', () => {
  const HOME = 'projects/contoso-prod/locations/us-east5';
  const url = modelUrls('https://host/v1', 'contoso-prod', 'us-east5');

  test.each([
    ['us-east5', 'https://us-east5-aiplatform.googleapis.com'],
    ['global', 'https://aiplatform.googleapis.com'],
    ['us', 'https://aiplatform.us.rep.googleapis.com'],
    ['eu', 'https://aiplatform.eu.rep.googleapis.com'],
  ])('the host of %s', (location, host) => expect(vertexHost(location)).toBe(host));

  test.each([
    [
      '/v1beta/models/x:generateContent',
      'gemini-2.5-pro',
      `${HOME}/publishers/google/models/gemini-2.5-pro:generateContent`,
    ],
    [
      '/v1beta/models/x:generateContent',
      'models/gemini-2.5-pro',
      `${HOME}/publishers/google/models/gemini-2.5-pro:generateContent`,
    ],
    [
      '/v1beta/models/x:streamGenerateContent?alt=sse',
      'gemini-2.5-pro',
      `${HOME}/publishers/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse`,
    ],
    [':predict', 'text-embedding-005', `${HOME}/publishers/google/models/text-embedding-005:predict`],
    [':embedContent', 'gemini-embedding-2', `${HOME}/publishers/google/models/gemini-embedding-2:embedContent`],
    [':generateContent', 'endpoints/4242', `${HOME}/endpoints/4242:generateContent`],
    [
      ':generateContent',
      'publishers/google/models/gemini-x',
      `${HOME}/publishers/google/models/gemini-x:generateContent`,
    ],
    [
      ':generateContent',
      'projects/other/locations/eu/endpoints/7',
      'projects/other/locations/eu/endpoints/7:generateContent',
    ],
    [
      ':rawPredict',
      'claude-sonnet-4-5@20250929',
      `${HOME}/publishers/anthropic/models/claude-sonnet-4-5@20250929:rawPredict`,
    ],
    [':streamRawPredict', 'claude-opus-4-8', `${HOME}/publishers/anthropic/models/claude-opus-4-8:streamRawPredict`],
    [COUNT_CLAUDE, 'claude-opus-4-8', `${HOME}/publishers/anthropic/models/count-tokens:rawPredict`],
    [
      COUNT_CLAUDE,
      'projects/other/locations/eu/publishers/anthropic/models/claude-opus-4-8',
      'projects/other/locations/eu/publishers/anthropic/models/count-tokens:rawPredict',
    ],
    [':generateContent', 'a model/../x', `${HOME}/publishers/google/models/a%20model/../x:generateContent`],
  ])('%s of %s', (path, model, resource) => expect(url(path, model)).toBe(`https://host/v1/${resource}`));
});

describe('Bedrock', () => {
  const url = bedrockUrls('https://host');
  const PROFILE =
    'arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.anthropic.claude-sonnet-4-5-20250929-v1:0';

  test.each([
    ['/converse', 'amazon.nova-pro-v1:0', 'amazon.nova-pro-v1%3A0'],
    ['/converse-stream', 'us.meta.llama3-3-70b-instruct-v1:0', 'us.meta.llama3-3-70b-instruct-v1%3A0'],
    ['/invoke', PROFILE, encodeURIComponent(PROFILE)],
    ['/count-tokens', PROFILE, 'anthropic.claude-sonnet-4-5-20250929-v1%3A0'],
    ['/count-tokens', 'global.anthropic.claude-opus-4-6-v1', 'anthropic.claude-opus-4-6-v1'],
    ['/count-tokens', 'us-gov.anthropic.claude-opus-4-6-v1', 'anthropic.claude-opus-4-6-v1'],
    ['/count-tokens', 'anthropic.claude-opus-4-6-v1', 'anthropic.claude-opus-4-6-v1'],
  ])('%s of %s', (path, model, segment) => expect(url(path, model)).toBe(`https://host/model/${segment}${path}`));
});
