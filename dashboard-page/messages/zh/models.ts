import type { models as english } from '../en/models.js';

export const models: Record<keyof typeof english, string> = {
  'models.title': '模型',
  'models.intro': '您的套餐包含的模型。价格为每百万 Token 的美元价格。',
  'models.search': '搜索模型',
  'models.model': '模型',
  'models.provider': '提供方',
  'models.input': '输入',
  'models.cached': '缓存输入',
  'models.output': '输出',
  'models.above': '输入超过 {n} Token 时：输入 {input}，输出 {output}',
  'models.empty': '没有找到模型',
  'models.emptyHint': '您的套餐中没有这个名称的模型。',
  'quickstart.title': '快速开始',
  'quickstart.intro': '任何 OpenAI 客户端都可以使用：填入此 Base URL 和您的密钥即可。',
  'quickstart.baseURL': 'Base URL',
  'quickstart.getKey': '获取密钥',
  'quickstart.getKeyHint': '创建一个密钥，并放入环境变量 GATEWAY_API_KEY。',
  'quickstart.send': '发送请求',
  'quickstart.model': '模型',
  'quickstart.language': '语言',
};
