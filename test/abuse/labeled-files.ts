import { gif, jpeg, mp3, mp4, opus, pdf, png, wav, webp } from '../helpers/media-files.js';

/** Whose rules a file is counted by. */
export type Counter = 'mini' | 'gpt' | 'o' | 'claude' | 'gemini' | 'any';

/** A file that a provider recognizes by a label behind its contents, and what each counts for it. */
export interface LabeledFile {
  readonly bytes: Buffer;
  readonly base64: string;
  readonly tokens: (counter: Counter) => number;
}

const LABEL = /LABEL(\d+);$/;

type Contents = readonly [bytes: Buffer, tokens: (counter: Counter) => number];

/** What a page that is shown as a picture counts. Sources: the providers' pages on PDFs and images. */
const PAGE: Readonly<Record<Counter, number>> = {
  mini: 36_835,
  gpt: 1_105,
  o: 975,
  claude: 1_600,
  gemini: 258,
  any: 2_000,
};
const SOUND: Readonly<Record<Counter, number>> = { mini: 10, gpt: 10, o: 10, claude: 10, gemini: 32, any: 25 };
const FILM: Readonly<Record<Counter, number>> = { mini: 300, gpt: 300, o: 300, claude: 300, gemini: 300, any: 300 };

function image(width: number, height: number): (counter: Counter) => number {
  const fit = Math.min(1, 2_048 / Math.max(width, height));
  const scale = Math.min(fit, 768 / Math.min(width, height));
  const tiles = Math.ceil((width * scale) / 512) * Math.ceil((height * scale) / 512);
  const small = width <= 384 && height <= 384;
  const counts: Readonly<Record<Counter, number>> = {
    mini: 2_833 + tiles * 5_667,
    gpt: 85 + tiles * 170,
    o: 75 + tiles * 150,
    claude: Math.min(1_600, Math.ceil((width * height) / 750)),
    gemini: small ? 258 : 258 * Math.min(16, Math.ceil(width / 768) * Math.ceil(height / 768)),
    any: Math.ceil((width * height) / 784),
  };
  return (counter) => counts[counter];
}

const pages = (count: number, text: number) => (counter: Counter) => count * (PAGE[counter] + text);
const sound = (seconds: number) => (counter: Counter) => Math.floor(seconds * SOUND[counter]);
const film = (seconds: number) => (counter: Counter) => seconds * FILM[counter];
const csv = Buffer.from('id,\u{1f701}\n1,2\n'.repeat(40));

const CONTENTS: readonly Contents[] = [
  [png(100, 100), image(100, 100)],
  [png(4_096, 1_536), image(4_096, 1_536)],
  [jpeg(1_000, 1_000), image(1_000, 1_000)],
  [gif(3_000, 64), image(3_000, 64)],
  [webp(2_000, 2_000), image(2_000, 2_000)],
  [pdf(1), pages(1, 5)],
  [pdf(3, { text: 'word '.repeat(100) }), pages(3, 500)],
  [pdf(20, { onePage: true, claims: 1 }), pages(20, 5)],
  [pdf(20, { compressed: true, oneText: true }), pages(20, 5)],
  [wav(1, 1), sound(1)],
  [wav(1, 0), sound(1)],
  [mp3(40), sound(1)],
  [mp4(60, 1), film(60)],
  [mp4(3_600), film(3_600)],
  [opus(100, 0), sound(2)],
  [csv, () => csv.length],
];

export const LABELED_FILES: readonly LabeledFile[] = CONTENTS.map(([contents, tokens], index) => {
  const bytes = Buffer.concat([contents, Buffer.from(`LABEL${index};`)]);
  return { bytes, base64: bytes.toString('base64'), tokens };
});

/** What a file in a text counts; undefined: it is none of them, but a text. */
export function tokensOfFile(text: string, counter: Counter): number | undefined {
  if (text.length < 40) return undefined;
  const bytes = bytesOf(text);
  const index = bytes && LABEL.exec(bytes.toString('latin1', Math.max(0, bytes.length - 12)))?.[1];
  return index === undefined ? undefined : LABELED_FILES[Number(index)]?.tokens(counter);
}

function bytesOf(text: string): Buffer | undefined {
  const comma = /^data:/i.test(text) ? text.indexOf(',') : -1;
  if (comma < 0) return /^[\w+/\s-]{40}/.test(text) ? Buffer.from(text, 'base64') : undefined;
  const data = text.slice(comma + 1);
  if (/;base64/i.test(text.slice(0, comma))) return Buffer.from(data.replaceAll(/%../g, ''), 'base64');
  return Buffer.from(
    data.replaceAll(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}
