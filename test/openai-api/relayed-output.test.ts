import fc from 'fast-check';
import { expect, test } from 'vitest';
import { estimateOutput, lettersOf } from '../../src/openai-api/input-size.js';
import { RelayedOutput } from '../../src/openai-api/relayed-output.js';

const words = fc.string({ unit: fc.constantFrom('a', ' ', 'é', '漢', '\u{1f600}') });
const delta = fc.oneof(
  fc.record({ content: words }),
  fc.record({ role: fc.constant('assistant'), content: words }),
  fc.record({ reasoning_content: words }),
  fc.record({ tool_calls: fc.tuple(fc.record({ index: fc.nat(9), function: fc.record({ arguments: words }) })) }),
  fc.record({ refusal: words }),
  fc.constant({}),
);

test('a letter counts as a quarter of a token, one outside ASCII as four letters', () => {
  fc.assert(
    fc.property(words, (text) => {
      let letters = 0;
      for (let i = 0; i < text.length; i += 1) letters += text.charCodeAt(i) > 0x7f ? 4 : 1;
      expect(lettersOf(text)).toBe(letters);
      expect(lettersOf(`é${text}é`, 1, text.length + 1)).toBe(letters);
    }),
  );
});

test('a relayed chunk is estimated by the words in it, whatever chunks came before', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string({ unit: 'grapheme-ascii', maxLength: 3 }), delta)), (chunks) => {
      const relayed = new RelayedOutput();
      for (const [id, said] of chunks) {
        const letters = lettersOf(wordsIn(said));
        const chunk = JSON.stringify({ id, choices: [{ index: 0, delta: said, finish_reason: null }] });
        expect(relayed.estimate(chunk)).toBe(letters === 0 ? 0 : estimateOutput(letters));
      }
    }),
  );
  expect(new RelayedOutput().estimate('{"choices":[]}')).toBe(0);
});

function wordsIn(said: object): string {
  if ('tool_calls' in said)
    return (said as { tool_calls: { function: { arguments: string } }[] }).tool_calls[0]?.function.arguments ?? '';
  const { role: _, ...fields } = said as Record<string, string>;
  return Object.values(fields).join('');
}
