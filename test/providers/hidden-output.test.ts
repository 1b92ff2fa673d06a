import { expect, test } from 'vitest';
import { catalogue } from '../../src/catalogue/index.js';
import { claudeFamily } from '../../src/providers/anthropic/families.js';
import { geminiFamily } from '../../src/providers/google/families.js';
import { mayHideOutput } from '../../src/providers/hidden-output.js';

const CLAUDE = [
  'claude-2.1',
  'claude-instant-1.2',
  'claude-3-opus-20240229',
  'claude-3-haiku-20240307',
  'claude-3-5-sonnet-20241022',
  'claude-3.5-haiku',
  'claude-3-7-sonnet-20250219',
  'claude-3.7-sonnet',
  'claude-sonnet-4-20250514',
  'claude-haiku-4-5',
  'claude-opus-5',
  'claude-mythos-6',
  'anthropic.claude-3-5-sonnet-20241022-v2:0',
  'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
];
const GEMINI = [
  'gemini-pro',
  'gemini-pro-vision',
  'gemini-pro-latest',
  'gemini-1.0-pro',
  'gemini-1.5-flash-002',
  'gemini-2.0-flash',
  'gemini-2.0-flash-lite',
  'gemini-exp-1206',
  'gemini-2.5-pro',
  'gemini-2.5-flash-lite',
  'gemini-3-pro-preview',
  'gemini-4-flash',
];

test.each([...CLAUDE, ...names('claude')])('%s may hide output where its family thinks', (model) => {
  expect(mayHideOutput(model)).toBe(claudeFamily(model).thinking !== 'none');
});

test.each([...GEMINI, ...names('gemini-')])('%s may hide output where its family thinks, under any path', (model) => {
  const shows = /image|tts|audio/.test(model) ? true : geminiFamily(model).thinking !== 'none';
  expect(mayHideOutput(model)).toBe(shows);
  expect(mayHideOutput(`publishers/google/models/${model}`)).toBe(shows);
});

test.each([
  ['gpt-4o-mini', false],
  ['gpt-5.1', true],
  ['o3', true],
  ['openai/o4-mini', true],
  ['deepseek-reasoner', true],
  ['gpt-4o-audio-preview', true],
  ['llama-3.3-70b', false],
])('%s: %s', (model, hides) => {
  expect(mayHideOutput(model)).toBe(hides);
});

function names(start: string): string[] {
  const all = Object.values(catalogue.providers).flatMap((models) => Object.keys(models));
  return [...new Set(all)].filter((name) => name.startsWith(start));
}
