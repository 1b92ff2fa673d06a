import fc from 'fast-check';
import { expect, test } from 'vitest';
import { themeOf } from '../../src/dashboard/theme.js';

/** What the accent stands on, in `tokens.css`. */
const SURFACES = { light: ['#ffffff', '#f8f8f6'], dark: ['#1c1c1a', '#141413'] } as const;
/** Source: WCAG 2.2, success criterion 1.4.3. */
const LEAST_CONTRAST = 4.5;

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Source: WCAG 2.2, definition of contrast ratio. */
function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** The colors of both themes, by the name of their variable. */
function colorsOf(accent: string) {
  const { content } = themeOf(accent);
  const rules = (selector: string) => content.split(`${selector}{`)[1]?.split('}')[0] ?? '';
  const colors = (text: string) =>
    Object.fromEntries([...text.matchAll(/--([\w-]+):(#[0-9a-f]{6})/g)].map(([, name, color]) => [name, color ?? '']));
  return { light: colors(rules(':root')), dark: colors(rules(':root[data-theme="dark"]')) };
}

const channel = fc.integer({ min: 0, max: 255 }).map((value) => value.toString(16).padStart(2, '0'));
const anyColor = fc.tuple(channel, channel, channel).map((channels) => `#${channels.join('')}`);

test('whatever the host’s color, text in it, on it and on its tint can be read in both themes', () => {
  const edges = ['#000000', '#ffffff', '#808080', '#ffff00', '#0000ff', '#ff0000', '#00ff00', '#1c1c1a'];
  const check = (accent: string) => {
    for (const [theme, colors] of Object.entries(colorsOf(accent))) {
      const color = (name: string) => colors[name] ?? '';
      const pairs = [
        ...SURFACES[theme as keyof typeof SURFACES].map((surface) => [color('accent'), surface] as const),
        [color('accent'), color('accent-soft')],
        [color('on-accent'), color('accent')],
        [color('on-accent'), color('accent-hover')],
      ] as const;
      for (const [text, ground] of pairs)
        expect(contrast(text, ground), `${accent}, ${theme}: ${text} on ${ground}`).toBeGreaterThanOrEqual(
          LEAST_CONTRAST,
        );
    }
  };
  for (const accent of edges) check(accent);
  fc.assert(fc.property(anyColor, check));
});
