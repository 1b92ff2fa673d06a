import { expect, test } from 'vitest';
import { t } from '../../../dashboard-page/i18n.js';

const INVISIBLE = /[\u202a-\u202e]/;

test('a name that would turn the rest of a sentence around stays within itself', () => {
  const turned = t('keys.revokeHint', { name: 'prod\u202egnp.exe' });
  expect(turned).toContain('\u2068prodgnp.exe\u2069');
  expect(turned).not.toMatch(INVISIBLE);
  expect(t('keys.revokeHint', { name: 'x\u2069\u202ey' })).toContain('\u2068xy\u2069');
  expect(t('keys.revokeHint', { name: 'مفتاح' })).toContain('\u2068مفتاح\u2069');
});

test('other names and amounts are put in as they are', () => {
  expect(t('home.low', { amount: '$0.40' })).toBe('Only $0.40 left');
  expect(t('keys.editNamed', { name: '生产 🔑 é' })).toBe('Edit 生产 🔑 é');
});
