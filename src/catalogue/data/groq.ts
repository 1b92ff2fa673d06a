// Made by `npm run catalogue`; changes made here are lost with the next run.
import type { ProviderModels } from '../model.js';

export const groq: ProviderModels = {
  "openai/gpt-oss-120b": {"price":{"input":0.15,"cachedInput":0.075,"output":0.6,"units":{"web_search":0.005}},"contextWindow":131072,"maxOutputTokens":65536,"capabilities":{"input":["text"],"output":["text"],"tools":true,"structuredOutput":true,"reasoning":["low","medium","high"],"promptCache":true,"webSearch":true},"displayName":"GPT OSS 120B","created":1754352000,"ownedBy":"openai"},
  "openai/gpt-oss-20b": {"price":{"input":0.075,"cachedInput":0.0375,"output":0.3,"units":{"web_search":0.005}},"contextWindow":131072,"maxOutputTokens":65536,"capabilities":{"input":["text"],"output":["text"],"tools":true,"structuredOutput":true,"reasoning":["low","medium","high"],"promptCache":true,"webSearch":true},"displayName":"GPT OSS 20B","created":1754352000,"ownedBy":"openai"},
  "openai/gpt-oss-safeguard-20b": {"price":{"input":0.075,"cachedInput":0.037,"output":0.3,"units":{"web_search":0.005}},"contextWindow":131072,"maxOutputTokens":65536,"capabilities":{"input":["text"],"output":["text"],"tools":true,"structuredOutput":true,"reasoning":["low","medium","high"],"promptCache":true,"webSearch":true},"displayName":"Safety GPT OSS 20B","created":1761696000,"ownedBy":"openai"},
  "canopylabs/orpheus-v1-english": {"price":{"input":0,"output":0,"units":{"character":0.000022}},"contextWindow":4000,"capabilities":{"input":["text"],"output":["audio"]},"displayName":"Canopy Labs Orpheus V1 English","created":1766102400,"ownedBy":"canopylabs"},
  "canopylabs/orpheus-arabic-saudi": {"price":{"input":0,"output":0,"units":{"character":0.00004}},"contextWindow":4000,"capabilities":{"input":["text"],"output":["audio"]},"displayName":"Canopy Labs Orpheus Arabic Saudi","created":1765843200,"ownedBy":"canopylabs"},
  "whisper-large-v3": {"price":{"input":0,"output":0,"units":{"input_second":0.00003083}},"capabilities":{"input":["audio"],"output":["text"]},"displayName":"Whisper","created":1693526400,"ownedBy":"openai"},
  "whisper-large-v3-turbo": {"price":{"input":0,"output":0,"units":{"input_second":0.00001111}},"capabilities":{"input":["audio"],"output":["text"]},"displayName":"Whisper Large V3 Turbo","created":1727740800,"ownedBy":"openai"},
  "qwen/qwen3.8-27b": {"price":{"input":0.8,"output":4},"contextWindow":131072,"maxOutputTokens":16384,"capabilities":{"input":["text","image"],"output":["text"],"tools":true,"structuredOutput":true,"reasoning":true},"created":1795824000,"ownedBy":"qwen"},
};
