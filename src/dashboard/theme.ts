import { styles } from './page-assets.js';

type Color = readonly [number, number, number];

/** The surfaces that the accent stands on. */
const LIGHT: Color = [255, 255, 255];
const DARK: Color = [28, 28, 26];
const BLACK: Color = [0, 0, 0];
/** Contrast of text. Source: WCAG 2.2, success criterion 1.4.3. */
const LEAST_CONTRAST = 4.6;
const MOST_STEPS = 20;
const STEP = 0.1;
const TINT = 0.12;

/** A stylesheet with the host's color, under a name that changes with it. */
export interface Theme {
  readonly name: string;
  readonly content: string;
}

/** @param accent `#rrggbb`. */
export function themeOf(accent: string): Theme {
  const color = parse(accent);
  const light = rules(color, LIGHT, BLACK);
  const dark = rules(color, DARK, LIGHT);
  const content =
    `:root{${light}}:root[data-theme="dark"]{${dark}}` +
    `@media (prefers-color-scheme: dark){:root:not([data-theme="light"]){${dark}}}`;
  // The hash of the page's own styles changes with the package.
  const version = styles.name.split('.')[1]?.slice(0, 6) ?? '';
  return { name: `theme.${accent.slice(1).toLowerCase()}${version}.css`, content };
}

/** True for the name of a theme, whatever its colors. */
export function isThemeName(name: string): boolean {
  return /^theme\.[0-9a-f]{12}\.css$/.test(name);
}

/** Mixes the color with black or white until it can be read on its own soft tint of the surface. */
function rules(color: Color, surface: Color, towards: Color): string {
  let accent = color;
  for (let i = 0; i < MOST_STEPS && contrast(accent, mix(surface, accent, TINT)) < LEAST_CONTRAST; i++)
    accent = mix(accent, towards, STEP);
  const onAccent = contrast(accent, LIGHT) >= contrast(accent, BLACK) ? LIGHT : BLACK;
  const names: readonly (readonly [string, Color])[] = [
    ['accent', accent],
    ['accent-hover', mix(accent, towards, 2 * STEP)],
    ['on-accent', onAccent],
    ['accent-soft', mix(surface, accent, TINT)],
    ['positive', accent],
    ['series-0', accent],
  ];
  return names.map(([name, value]) => `--${name}:${hex(value)}`).join(';');
}

function parse(text: string): Color {
  const part = (at: number) => Number.parseInt(text.slice(at, at + 2), 16);
  return [part(1), part(3), part(5)];
}

function hex(color: Color): string {
  return `#${color.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
}

function mix(a: Color, b: Color, share: number): Color {
  const part = (i: 0 | 1 | 2) => a[i] + (b[i] - a[i]) * share;
  return [part(0), part(1), part(2)];
}

/** Source: WCAG 2.2, definition of contrast ratio. */
function contrast(a: Color, b: Color): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

function luminance(color: Color): number {
  const [red = 0, green = 0, blue = 0] = color.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
