/** A Cloudflare Worker with a gateway, as docs/runtimes.md says. Made at the first request: a Worker's start may do nothing. */
import { anthropic, createGateway, openai } from 'metask-gateway';

let gateway;

export default {
  async fetch(request, env) {
    const price = { input: 1, output: 2 };
    gateway ??= createGateway({
      providers: {
        openai: openai({ apiKey: 'sk-test', baseURL: env.OPENAI }),
        anthropic: anthropic({ apiKey: 'sk-test', baseURL: env.ANTHROPIC }),
      },
      models: {
        'gpt-4o-mini': { provider: 'openai', price },
        'claude-haiku-4-5': { provider: 'anthropic', price },
      },
      plans: { free: { models: '*' } },
    });
    if (new URL(request.url).pathname === '/new-key') {
      return Response.json(await gateway.keys.create({ accountId: 'user_1', name: 'laptop' }));
    }
    return gateway.fetch(request);
  },
};
