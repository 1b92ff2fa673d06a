export { type AiSdkProvider, fromAiSdk } from './from-ai-sdk.js';
export { type GatewayModels, gatewayModels } from './gateway-models.js';
