import { describe, expect, test } from 'vitest';
import { isRightToLeft, languageOf, localeOf } from '../../../dashboard-page/language-of.js';

describe('the language of the page', () => {
  test.each([
    ['en-GB', [], 'en'],
    ['zh-TW', [], 'zh'],
    ['fr', [], 'en'],
    ['de', ['de'], 'de'],
    ['de-AT', ['de'], 'de'],
    ['pt', ['pt-BR'], 'pt-BR'],
    ['pt-br', ['pt', 'pt-BR'], 'pt-BR'],
    ['en-US', ['en'], 'en'],
    ['', ['de'], 'en'],
  ])('for a visitor who reads %s, of %o, is %s', (wanted, own, language) => {
    expect(languageOf(wanted, own)).toBe(language);
  });

  test('writes numbers and dates as the visitor’s own region does, where the browser names one', () => {
    expect(localeOf('en', ['fr-FR', 'en-GB'])).toBe('en-GB');
    expect(localeOf('en', ['fr-FR'])).toBe('en-US');
    expect(localeOf('de', ['en-US', 'de-CH'])).toBe('de-CH');
    expect(localeOf('de', [])).toBe('de');
    expect(localeOf('zh', ['zh-TW'])).toBe('zh-CN');
  });

  test('runs from right to left where the language does', () => {
    expect(['ar', 'he', 'fa-IR', 'UR'].map(isRightToLeft)).toEqual([true, true, true, true]);
    expect(['en', 'de', 'zh-CN', 'ha'].map(isRightToLeft)).toEqual([false, false, false, false]);
  });
});
