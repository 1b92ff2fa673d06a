/** Where the gateway reports: fits pino, `fastify.log` and, through `consoleLogger`, the console. No secret is passed to it. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Warnings and errors on the console, nothing else. */
export const consoleLogger: Logger = {
  debug() {},
  info() {},
  warn(fields, message) {
    console.warn(message, fields);
  },
  error(fields, message) {
    console.error(message, fields);
  },
};

/** What a log line may say of a thrown value: its class, message and stack, and the same of its causes. */
export function describeFault(thrown: unknown, depth = 0): object {
  if (!(thrown instanceof Error)) return { message: String(thrown) };
  const cause = thrown.cause === undefined || depth > 3 ? undefined : describeFault(thrown.cause, depth + 1);
  return { name: thrown.name, message: thrown.message, stack: thrown.stack, ...(cause && { cause }) };
}
