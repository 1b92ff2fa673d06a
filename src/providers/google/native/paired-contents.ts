import type { Content, Part } from '../../../gemini-api/generate-content-request.js';
import { EARLIER_RESULT, NO_RESULT } from '../../../openai-api/unpaired-results.js';
import { pairedTurns } from '../../paired-turns.js';
import type { UnsupportedParams } from '../../unsupported-params.js';

/**
 * Contents in which each call of a function has its response in the turn behind it: see `pairedTurns`.
 *
 * @throws {GatewayError} for a response without a call where the operator wants refused what can't be sent as it is.
 */
export function pairedContents(contents: Content[], unsupported: UnsupportedParams): Content[] {
  return pairedTurns<Content, Part>(contents, {
    isModel: ({ role }) => role === 'model',
    blocksOf: ({ parts }) => parts ?? [],
    withBlocks: (content, parts) => ({ role: 'user', ...content, parts }),
    called: ({ functionCall }) => functionCall,
    answers: ({ functionResponse }) => functionResponse,
    stub({ functionCall: { id, name } = {} }) {
      const named = { ...(id !== undefined && { id }), ...(name !== undefined && { name }) };
      return { functionResponse: { ...named, response: { output: NO_RESULT } } };
    },
    told({ functionResponse: { response = {}, parts = [] } = {} }, content) {
      unsupported.drop('contents', `contents[${content}].parts`);
      return [{ text: `${EARLIER_RESULT}\n${JSON.stringify(response)}` }, ...parts];
    },
  });
}
