/**
 * The entry point for the edge runtime of Next.js, which resolves the condition `edge-light`: an error that says what
 * to change, in place of the bundler's complaint about a missing Node module.
 */
throw new Error(
  "metask-gateway needs Node.js, and this code runs in the edge runtime: put `export const runtime = 'nodejs'` into the route.",
);
