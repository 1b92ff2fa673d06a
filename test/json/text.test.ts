import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closingQuote, SIMPLE_STRING, standsAt, stringValue } from '../../src/json/text.js';
import { cpuMs } from '../helpers/promptly.js';

const text = fc.string({
  unit: fc.constantFrom('a', 'é', '漢', '\u{1f600}', '"', '\\', '/', '\n', '\t', '\u0001', ' ', '\ud800'),
});
const whole = new RegExp(`^${SIMPLE_STRING}$`);

test('the closing quote is found whatever the string holds', () => {
  fc.assert(
    fc.property(text, text, (before, value) => {
      const start = JSON.stringify(before).length + 1;
      const json = `${JSON.stringify(before)}${JSON.stringify(value)},"x":"y"`;
      expect(json.slice(start, closingQuote(json, start))).toBe(JSON.stringify(value).slice(1, -1));
    }),
  );
  expect(closingQuote('"abc\\"', 1)).toBe(-1);
});

test('a simple string is valid JSON and has the value that a parser reads', () => {
  const literal = fc.string({ unit: fc.constantFrom('a', '漢', '"', '\\', 'n', 'u', '0', '\n', '\t', '\u007f') });
  const check = (json: string) => {
    if (whole.test(json)) expect(stringValue(json)).toBe(JSON.parse(json));
  };
  fc.assert(fc.property(literal, (raw) => check(`"${raw}"`)));
  fc.assert(fc.property(text, (value) => check(JSON.stringify(value))));
  for (const simple of ['""', '"a"', '"\\n\\t\\"\\\\"', '"漢字 \u{1f600}"']) expect(whole.test(simple)).toBe(true);
  for (const other of ['"\\u0041"', '"a\tb"', '"a"b"', '"\\x"', '"\\"', 'a']) expect(whole.test(other)).toBe(false);
});

test('a long string that does not end is given up in linear time', async () => {
  const ms = await cpuMs(() => expect(whole.test(`"${'a\\n'.repeat(300_000)}`)).toBe(false));
  expect(ms).toBeLessThan(1_000);
});

test('a part stands at one place alone', () => {
  expect(standsAt('abcabc', 'bc', 1)).toBe(true);
  expect(standsAt('abcabc', 'bc', 2)).toBe(false);
  expect(standsAt('abcabc', 'bcd', 4)).toBe(false);
});
