import type { UpstreamError } from '../../upstream/upstream-error.js';
import type { NativeError } from '../http/http-provider.js';
import { type Fields, isFields } from '../openai/fields.js';
import { toError as readError } from '../openai/to-error.js';
import { statusError } from '../upstream-status.js';
import { filteredCategories } from './content-filter.js';

/** A version that the resource does not know: the operator's to correct. */
const BAD_VERSION = /api[ -]version/i;

/**
 * Reads an error of Azure OpenAI.
 *
 * OpenAI's form, with codes of its own: a missing deployment or path is the operator's mistake, and a refused prompt carries
 * the filter's verdicts. Source: Microsoft Learn, "Content filtering", error codes and `innererror`.
 *
 * @param secrets values that must not reach a client.
 */
export function toError(answer: NativeError, secrets: readonly string[]): UpstreamError {
  const error = errorIn(answer.text);
  const { code, message } = error;
  const { status = 404, headers } = answer;
  const found = { status, headers, inStream: answer.status === undefined };
  if (code === 'DeploymentNotFound') return statusError({ ...found, reason: 'unknown_model' });
  const isWrongPath = answer.status === 404 || (code === 'BadRequest' && BAD_VERSION.test(String(message)));
  if (isWrongPath) return statusError({ ...found, status: 404 });
  const inner = isFields(error.innererror) ? error.innererror : {};
  const categories = filteredCategories(inner.content_filter_result ?? inner.content_filter_results);
  if (categories === '') return readError(answer, secrets);
  const explained = { ...error, message: `${String(message ?? 'The content was filtered.')} Filtered: ${categories}.` };
  return readError({ ...answer, text: JSON.stringify({ error: explained }) }, secrets);
}

function errorIn(text: string): Fields {
  try {
    const body: unknown = JSON.parse(text);
    return isFields(body) && isFields(body.error) ? body.error : {};
  } catch {
    return {};
  }
}
