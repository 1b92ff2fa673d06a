import type { Logger } from '../../src/index.js';

/** For gateways in processes of their own: an error ends the process, so that the test which waits for it fails. */
export const processLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error(fields, message) {
    console.error(message, fields);
    process.exit(3);
  },
};
