import type { RequestHandler } from 'express';

/** The page at `/`: what runs here, where the dashboard is, and a first request. */
export function homePage(models: readonly string[]): RequestHandler {
  return (request, response) => {
    const baseURL = `${request.protocol}://localhost:${request.socket.localPort}/v1`;
    response.type('html').send(`<!doctype html><html lang="en"><meta charset="utf-8"><title>metask-gateway</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<body style="font: 16px/1.6 system-ui; margin: 12vh auto; max-width: 44rem; padding: 0 1rem">
<h1>metask-gateway is running</h1>
<p><a href="/login">Open the dashboard</a> as a customer or as an operator: keys, usage, billing, models.</p>
<p>The API is at <code>${baseURL}</code>. Take the key from your terminal, or create one in the dashboard:</p>
<pre style="overflow: auto"><code>curl ${baseURL}/chat/completions \\
  -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \\
  -d '{"model":"${models[0]}","messages":[{"role":"user","content":"Hello!"}]}'</code></pre>
<p>Models: ${models.map((model) => `<code>${model}</code>`).join(', ')}</p></body></html>`);
  };
}
