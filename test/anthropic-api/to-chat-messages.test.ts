import { expect, test } from 'vitest';
import type { MessagesRequest } from '../../src/anthropic-api/messages-request.js';
import { toChatMessages } from '../../src/anthropic-api/to-chat-messages.js';

const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } };
const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } };
const target = { claude: false, mediaInResults: true, documentUrls: false };

test.each([
  [true, 'No such page', [{ type: 'text', text: 'Error:' }, { type: 'text', text: 'No such page' }, picture]],
  [true, 'Error 404', [{ type: 'text', text: 'Error 404' }, picture]],
  [false, 'The page', [{ type: 'text', text: 'The page' }, picture]],
])('a result with media, failed: %j, %s', (failed, text, content) => {
  const block = { type: 'tool_result', tool_use_id: 't', is_error: failed, content: [{ type: 'text', text }, image] };
  const request = { messages: [{ role: 'user', content: [block] }] } as unknown as MessagesRequest;
  expect(toChatMessages(request, target, () => {})).toEqual([{ role: 'tool', tool_call_id: 't', content }]);
});
