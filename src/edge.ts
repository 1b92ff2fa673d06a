/**
 * What the package is in the edge runtime of Next.js, which resolves the condition `edge-light`: a word of advice in place of
 * the bundler's complaint about the first of Node's modules that is missing.
 */
throw new Error(
  "metask-gateway needs Node.js, and this code runs in the edge runtime: put `export const runtime = 'nodejs'` into the route.",
);
