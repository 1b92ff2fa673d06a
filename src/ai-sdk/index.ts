export { type AiSdkProvider, type FromAiSdkOptions, fromAiSdk } from './from-ai-sdk.js';
export { type GatewayModels, gatewayModels } from './gateway-models.js';
