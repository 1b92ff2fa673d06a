import { type PdfStreams, pdfStreams } from './pdf-streams.js';

/** What a PDF makes a model read. */
export interface PdfSize {
  readonly pages: number;
  /** Bytes of text that its pages show, at most. */
  readonly textBytes: number;
}

/** Larger files are not looked into: that would hold up everybody else. */
const LARGEST_FILE = 4 * 1024 * 1024;
/** Names may write any of their letters as a number: such a name hides what it says. */
const HIDDEN_NAME = /\/[^\s/<>[\]()]*#[4-7][0-9a-fA-F]/;
/** A character that stands for a whole text multiplies what a page shows. */
const LONG_CHARACTER = /<[0-9a-fA-F]+>\s*<[0-9a-fA-F]{33,}>/;
const REFERENCE = /\d+\s+\d+\s+R/g;

/**
 * Pages and text of a PDF, by its page tree, compressed objects included; undefined where the bytes do not prove them:
 * encrypted and large files, filters that are not read here, and pages or contents that are used more than once.
 *
 * Source: ISO 32000-1, sections 7.3.5 (names), 7.7.3 (page tree), 8.10 (forms), 9.4 (text objects), 9.10.3 (ToUnicode).
 */
export function pdfSize(bytes: Buffer): PdfSize | undefined {
  if (bytes.length > LARGEST_FILE) return undefined;
  const streams = pdfStreams(bytes);
  if (streams === undefined) return undefined;
  const { objects, contents, forms } = streams;
  if (/\/Encrypt\b/.test(objects) || HIDDEN_NAME.test(objects)) return undefined;
  const pages = pagesIn(objects);
  if (pages === undefined || repeatsContents(streams)) return undefined;
  let textBytes = 0;
  for (const content of contents) {
    if (LONG_CHARACTER.test(content)) return undefined;
    textBytes += shownBytes(content);
  }
  // A form may be drawn on every page.
  for (const form of forms) textBytes += shownBytes(form) * pages;
  return { pages, textBytes };
}

/** The pages of a tree: as many as it claims, as it refers to, and as there are, whichever is most. */
function pagesIn(objects: string): number | undefined {
  const found = objects.match(/\/Type\s*\/Page(?![a-zA-Z])/g)?.length ?? 0;
  if (found === 0 || !/\/Type\s*\/Pages\b/.test(objects) || /\/Count\s+\d+\s+\d+\s+R/.test(objects)) return undefined;
  let most = found;
  for (const [, count] of objects.matchAll(/\/Count\s+(\d{1,9})/g)) most = Math.max(most, Number(count));
  const lists = [...objects.matchAll(/\/Kids\s*\[([\s\dR]*)\]/g)];
  if (lists.length !== objects.match(/\/Kids(?![a-zA-Z])/g)?.length) return undefined;
  const kids = lists.flatMap(([, list = '']) => list.match(REFERENCE) ?? []);
  if (new Set(kids).size !== kids.length) return undefined;
  return Math.max(most, kids.length);
}

/** True when contents are shown twice, by two pages or by a list that repeats them: more text than the file has. */
function repeatsContents({ objects, numbers }: PdfStreams): boolean {
  const shown = [...objects.matchAll(/\/Contents\s*(\[[^\]]*\]|\d+\s+\d+\s+R)/g)].flatMap(
    ([, list = '']) => list.match(REFERENCE) ?? [],
  );
  if (new Set(shown).size !== shown.length) return true;
  for (const [list] of objects.matchAll(/\[[\s\dR]*R\s*\]/g)) {
    const streams = (list.match(REFERENCE) ?? []).filter((reference) => numbers.has(Number.parseInt(reference, 10)));
    if (new Set(streams).size !== streams.length) return true;
  }
  return false;
}

const OPEN = 0x28;
const CLOSE = 0x29;
const BACKSLASH = 0x5c;

/** Bytes inside the strings of a content stream, nested parentheses included. */
function shownBytes(content: string): number {
  let bytes = 0;
  let depth = 0;
  for (let at = 0; at < content.length; at += 1) {
    const unit = content.charCodeAt(at);
    if (depth > 0) bytes += 1;
    if (unit === BACKSLASH && depth > 0) at += 1;
    else if (unit === OPEN) depth += 1;
    else if (unit === CLOSE && depth > 0) depth -= 1;
  }
  for (const [text] of content.matchAll(/<[0-9a-fA-F\s]+>/g)) bytes += text.length >> 1;
  return bytes;
}
