import type { Logger } from '../../src/index.js';

const errors: { readonly message: string; readonly fields: object }[] = [];

/** Drops every line but errors: a test fails that logs one and does not ask for it by `loggedErrors`. */
export const testLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error(fields, message) {
    errors.push({ message, fields });
  },
};

/** As `testLogger`, and notes every line. */
export function notingLogger(note: (fields: object, message: string) => void): Logger {
  return {
    debug: note,
    info: note,
    warn: note,
    error(fields, message) {
      note(fields, message);
      testLogger.error(fields, message);
    },
  };
}

/** The errors that were logged since this was last asked, oldest first. */
export function takeErrors(): { readonly message: string; readonly fields: object }[] {
  return errors.splice(0);
}

/** Their messages. */
export function loggedErrors(): string[] {
  return takeErrors().map(({ message }) => message);
}
