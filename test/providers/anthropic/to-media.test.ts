import { describe, expect, test } from 'vitest';
import type { ContentPart } from '../../../src/openai-api/chat-message.js';
import { bodyOf, droppedOf, native } from './native-request.js';

const PNG = 'iVBORw0KGgoAAAANSUhEUg==';
const JPEG = '/9j/4AAQSkZJRg==';
const PDF = 'JVBERi0xLjQK';

const blockOf = (part: ContentPart) =>
  bodyOf({ messages: [{ role: 'user', content: [part] }] }).messages[0]?.content[0];
const image = (url: string): ContentPart => ({ type: 'image_url', image_url: { url } });
const file = (fields: { filename?: string; file_data?: string; file_id?: string }): ContentPart => ({
  type: 'file',
  file: fields,
});
const base64 = (media_type: string, data: string) => ({ source: { type: 'base64', media_type, data } });

describe('parts become blocks', () => {
  test.each<[string, ContentPart, object]>([
    [
      'an image by URL',
      image('https://a.example/b.png'),
      { type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } },
    ],
    ['an image by data URL', image(`data:image/png;base64,${PNG}`), { type: 'image', ...base64('image/png', PNG) }],
    [
      'a wrongly declared image',
      image(`data:image/png;base64,${JPEG}`),
      { type: 'image', ...base64('image/jpeg', JPEG) },
    ],
    [
      'an image in disguise',
      image(`data:application/octet-stream;base64,${PNG}`),
      { type: 'image', ...base64('image/png', PNG) },
    ],
    [
      'a name for JPEG that is none',
      image('data:image/jpg;base64,AAAA'),
      { type: 'image', ...base64('image/jpeg', 'AAAA') },
    ],
    [
      'base64 with line breaks',
      image(`data:image/png;base64,${PNG}\n `),
      { type: 'image', ...base64('image/png', PNG) },
    ],
    [
      'base64 without padding, in the alphabet for URLs',
      image('data:image/png;base64,_9j_4AAQSkZJRg'),
      { type: 'image', ...base64('image/jpeg', JPEG) },
    ],
    [
      'a PDF with its name',
      file({ filename: 'a.pdf', file_data: `data:application/pdf;base64,${PDF}` }),
      { type: 'document', ...base64('application/pdf', PDF), title: 'a.pdf' },
    ],
    ['a PDF as bare base64', file({ file_data: PDF }), { type: 'document', ...base64('application/pdf', PDF) }],
    [
      'a PDF by URL',
      file({ file_data: 'https://a.example/b.pdf' }),
      { type: 'document', source: { type: 'url', url: 'https://a.example/b.pdf' } },
    ],
    [
      'a text, in UTF-8',
      file({ file_data: `data:text/plain;base64,${Buffer.from('héllo').toString('base64')}` }),
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'héllo' } },
    ],
    [
      'a percent-encoded text',
      file({ file_data: 'data:text/csv,a%2Cb' }),
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a,b' } },
    ],
    [
      'an image as a file',
      file({ file_data: `data:image/png;base64,${PNG}` }),
      { type: 'image', ...base64('image/png', PNG) },
    ],
    [
      "a file of Anthropic's",
      file({ file_id: 'file_011CNha8iCJcU1wXNR6q4V8w' }),
      { type: 'document', source: { type: 'file', file_id: 'file_011CNha8iCJcU1wXNR6q4V8w' } },
    ],
  ])('%s', (_title, part, block) => {
    expect(blockOf(part)).toEqual(block);
  });

  test("a file of Anthropic's needs the beta of its files API", () => {
    const messages = [{ role: 'user' as const, content: [file({ file_id: 'file_011CNha8' })] }];
    expect(native({ messages }).headers).toEqual({ 'anthropic-beta': 'files-api-2025-04-14' });
  });

  test('the detail of an image has no effect and is reported, unless it asks for nothing', () => {
    const withDetail = (detail: 'auto' | 'low') =>
      droppedOf({
        messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://a', detail } }] }],
      });
    expect(withDetail('low')).toEqual(['messages.image_url.detail']);
    expect(withDetail('auto')).toEqual([]);
  });
});

describe('what Claude can not read is refused with its path', () => {
  test.each<[string, string, ContentPart]>([
    ['a plain http URL', 'image_url.url', image('http://a.example/b.png')],
    ['a path', 'image_url.url', image('/etc/passwd')],
    ['an SVG', 'image_url.url', image('data:image/svg+xml;base64,PHN2Zz4=')],
    ['a file of another provider', 'file.file_id', file({ file_id: 'file-abc123' })],
    ['an image that is not base64', 'image_url.url', image('data:image/png;base64,iVBORw0KGgo!')],
    ['an image without data', 'image_url.url', image('data:image/png;base64,')],
    ['a PDF that is not base64', 'file.file_data', file({ file_data: 'data:application/pdf;base64,JVBERi0*' })],
    ['an archive', 'file.file_data', file({ file_data: 'data:application/zip;base64,UEsDBA==' })],
    ['nonsense', 'file.file_data', file({ file_data: '%%%' })],
  ])('%s', (_title, path, part) => {
    expect(() => blockOf(part)).toThrow(
      expect.objectContaining({ status: 400, param: `messages[0].content[0].${path}` }),
    );
  });
});
