// Made by `npm run catalogue`; changes made here are lost with the next run.
import type { ProviderModels } from '../model.js';

export const deepseek: ProviderModels = {
  "deepseek-flash": {"price":{"input":0.3,"cachedInput":0.006,"output":1.2},"contextWindow":1000000,"maxOutputTokens":393216,"capabilities":{"input":["text","image"],"output":["text"],"tools":true,"structuredOutput":true,"reasoning":true,"promptCache":true},"created":1795824000,"ownedBy":"deepseek"},
  "deepseek-v4-flash": {"price":{"input":0.3,"cachedInput":0.006,"output":1.2},"contextWindow":1000000,"maxOutputTokens":393216,"capabilities":{"input":["text","image"],"output":["text"],"tools":true,"structuredOutput":true,"reasoning":["high","max"],"promptCache":true},"displayName":"DeepSeek V4 Flash","created":1776988800,"ownedBy":"deepseek"},
  "deepseek-v4-flash-vision-exp": {"price":{"input":0.3,"cachedInput":0.006,"output":1.2},"contextWindow":1000000,"maxOutputTokens":393216,"capabilities":{"input":["text","image"],"output":["text"],"tools":true,"structuredOutput":true,"reasoning":true,"promptCache":true},"created":1795824000,"ownedBy":"deepseek"},
  "deepseek-v4-pro": {"price":{"input":1.32,"cachedInput":0.044,"output":3.96},"contextWindow":1000000,"maxOutputTokens":393216,"capabilities":{"input":["text"],"output":["text"],"tools":true,"structuredOutput":true,"reasoning":["high","max"],"promptCache":true},"displayName":"DeepSeek V4 Pro","created":1776988800,"ownedBy":"deepseek"},
};
