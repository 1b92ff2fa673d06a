import type { playground as english } from '../../../src/dashboard/messages/en/playground.js';

export const playground: Record<keyof typeof english, string> = {
  'play.intro': '试用套餐内的任何模型。费用由您的账户支付，无需密钥。',
  'play.system': '系统提示词',
  'play.systemHint': '模型应如何表现，可留空。',
  'play.prompt': '消息',
  'play.placeholder': '问点什么',
  'play.send': '发送',
  'play.stop': '停止',
  'play.clear': '清空',
  'play.temperature': '温度',
  'play.default': '默认',
  'play.maxTokens': '最大 token 数',
  'play.you': '您',
  'play.waiting': '等待首个 token…',
  'play.facts': '输入 {input} · 输出 {output} · 首个 token {first} · 共 {total}',
  'play.cost': '费用 {cost}',
  'play.stopped': '已停止',
  'play.code': '查看代码',
  'play.empty': '还没有提问',
  'play.emptyHint': '回答会在此处逐步显示，并附上 token 数、用时和费用。',
  'play.settings': '设置',
};
