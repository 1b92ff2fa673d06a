import type { RequestObserver, RequestReport } from '../observe/observer.js';
import type { RequestWriter } from './request-writer.js';

/** What is kept of the bodies of requests. */
export interface BodyOptions {
  /** The part of requests whose bodies are kept, 0 to 1. @default 1 */
  readonly sample?: number;
  /** Takes secrets and personal data out of a body before it is kept. @default nothing is taken out */
  readonly redact?: (text: string, request: RequestReport) => string;
  /** Characters kept of each body. @default 65,536 */
  readonly maxCharacters?: number;
}

const MAX_CHARACTERS = 65_536;

/** Logs every request whose account is known. @param bodies false: prompts and answers are not kept. */
export function loggedRequests(
  writer: RequestWriter,
  bodies: BodyOptions | false,
  random: () => number,
): RequestObserver {
  const { sample = 1, redact = (text: string) => text, maxCharacters = MAX_CHARACTERS } = bodies || { sample: 0 };
  return {
    bodyCharacters: sample > 0 ? maxCharacters : 0,
    ended(report) {
      const { accountId, plan, requestBody, answerBody, ...record } = report;
      if (accountId === null) return;
      const kept = sample > 0 && random() < sample;
      writer.write({
        ...record,
        accountId,
        ...(kept && {
          requestBody: redact((requestBody ?? '').slice(0, maxCharacters), report),
          answerBody: redact((answerBody ?? '').slice(0, maxCharacters), report),
        }),
      });
    },
    close: () => writer.close(),
  };
}
