import type { RequestWriter } from '../requests/request-writer.js';
import type { RequestObserver, RequestReport } from './observer.js';

/** How much of request and answer bodies is kept. */
export interface BodyOptions {
  /** The part of requests whose bodies are kept, 0 to 1. @default 1 */
  readonly sample?: number;
  /** Removes secrets and personal data from a body before it is kept. @default nothing is taken out */
  readonly redact?: (text: string, request: RequestReport) => string;
  /** Bytes kept of each body, in UTF-8. @default 65,536 */
  readonly maxBytes?: number;
}

const MAX_BYTES = 65_536;

/** Logs every request whose account is known. @param bodies false: prompts and answers are not kept. */
export function loggedRequests(
  writer: RequestWriter,
  bodies: BodyOptions | false,
  random: () => number,
): RequestObserver {
  const { sample = 1, redact = (text: string) => text, maxBytes = MAX_BYTES } = bodies || { sample: 0 };
  return {
    bodyCharacters: sample > 0 ? maxBytes : 0,
    ended(report) {
      if (!isOfAccount(report)) return;
      const { plan, requestBody, answerBody, ...record } = report;
      if (sample === 0 || random() >= sample) {
        writer.write(record);
        return;
      }
      writer.write({
        ...record,
        requestBody: redact(cut(requestBody ?? '', maxBytes), report),
        answerBody: redact(cut(answerBody ?? '', maxBytes), report),
      });
    },
    close: () => writer.close(),
  };
}

/** The beginning of a text: whole characters, at most this many bytes. */
function cut(text: string, maxBytes: number): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= maxBytes) return text;
  return new TextDecoder().decode(bytes.subarray(0, maxBytes)).replace(/\uFFFD+$/, '');
}

function isOfAccount(report: RequestReport): report is RequestReport & { readonly accountId: string } {
  return report.accountId !== null;
}
