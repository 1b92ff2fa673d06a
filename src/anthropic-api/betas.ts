/**
 * Betas that a client may ask for: they change how a request is read or an answer is written, but neither its cost nor
 * which model answers. Betas that run on Anthropic's side, or at another price, must be allowed by the operator by
 * name.
 *
 * Source: Anthropic docs, beta headers; the requests of Claude Code.
 */
const ALLOWED: readonly RegExp[] = [
  /^claude-code-/,
  /^interleaved-thinking-/,
  /^fine-grained-tool-streaming-/,
  /^token-efficient-tools-/,
  /^output-(?:128k|300k)-/,
  /^prompt-caching-/,
  /^extended-cache-ttl-/,
  /^pdfs-/,
  /^token-counting-/,
  /^context-management-/,
  /^compact-/,
  /^model-context-window-exceeded-/,
  /^structured-outputs-/,
  /^effort-/,
  /^adaptive-thinking-/,
  /^dev-full-thinking-/,
  /^redact-thinking-/,
  /^thinking-/,
  /^task-budgets-/,
  /^mid-conversation-/,
  /^advanced-tool-use-/,
  /^tool-examples-/,
  /^tool-search-tool-/,
  /^inline-tools-/,
  /^computer-use-/,
  /^cache-diagnosis-/,
  /^summarize-connector-text-/,
];

const NAME = /^[\w.-]{1,100}$/;

/** The names in an `anthropic-beta` header, which may be repeated. */
export function betasIn(header: string | readonly string[] | undefined): string[] {
  if (header === undefined) return [];
  const text = typeof header === 'string' ? header : header.join(',');
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => NAME.test(name));
}

/** Those of them that may be passed on. @param more names that the operator allows as well. */
export function allowedBetas(betas: readonly string[], more: ReadonlySet<string>): string[] {
  return betas.filter((name) => more.has(name) || ALLOWED.some((pattern) => pattern.test(name)));
}
