import { describe, expect, it } from 'vitest';
import { inputSize } from '../../src/openai-api/input-size.js';

const BASE64 = 'A'.repeat(1_000_000);

/** The bound of a request with this part, without the bytes around the embedded data. */
function boundOf(part: object): number {
  const messages = [{ role: 'user', content: [part] }];
  const around = JSON.stringify(messages).length - BASE64.length;
  return inputSize(JSON.stringify(messages).length, messages).maxTokens - around;
}

describe('the most tokens that embedded data can have', () => {
  it.each([
    ['a picture', { type: 'image_url', image_url: { url: `data:image/png;base64,${BASE64}` } }, 3_000],
    ['sound', { type: 'input_audio', input_audio: { format: 'wav', data: BASE64 } }, 12_000],
    ['a PDF', { type: 'file', file: { file_data: `data:application/pdf;base64,${BASE64}` } }, 100_000],
    ['a PDF by its name', { type: 'file', file: { filename: 'a.pdf', file_data: BASE64 } }, 100_000],
    ['a picture as a file', { type: 'file', file: { file_data: `data:image/png;base64,${BASE64}` } }, 3_000],
    ['a PDF as a picture', { type: 'image_url', image_url: { url: `data:application/pdf;base64,${BASE64}` } }, 100_000],
  ])('is that of its kind for %s', (_, part, most) => {
    expect(boundOf(part)).toBeLessThanOrEqual(most);
    expect(boundOf(part)).toBeGreaterThan(most - 100);
  });

  it.each([
    ['a text file', { type: 'file', file: { file_data: `data:text/plain;base64,${BASE64}` } }],
    ['a text file by its name', { type: 'file', file: { filename: 'a.csv', file_data: BASE64 } }],
    ['text that is called a picture', { type: 'image_url', image_url: { url: `data:text/html,${BASE64}` } }],
  ])('is its length for %s', (_, part) => {
    expect(boundOf(part)).toBe(BASE64.length);
  });
});
