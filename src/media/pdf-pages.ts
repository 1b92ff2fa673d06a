import { atOnce, type Steps } from '../lib/steps.js';
import { type PdfStreams, pdfStreams } from './pdf-streams.js';

/** What a PDF makes a model read. */
export interface PdfSize {
  readonly pages: number;
  /** Bytes of text that its pages show, at most. */
  readonly textBytes: number;
}

/** Larger files are not looked into: that would hold up everybody else. */
export const LARGEST_PDF = 4 * 1024 * 1024;
/** Names may write any of their letters as a number: such a name hides what it says. */
const HIDDEN_NAME = /\/[^\s/<>[\]()]*#[4-7][0-9a-fA-F]/;
/** A character that stands for a whole text multiplies what a page shows. */
const LONG_CHARACTER = /<[0-9a-fA-F]+>\s*<[0-9a-fA-F]{33,}>/;
/** A reference to an object, in a list: its number, its generation and a letter. */
const NUMBER = /^\d{1,10}$/;
/** Looked at between two turns. */
const LETTERS_AT_ONCE = 1024 * 1024;

/**
 * Pages and text of a PDF, by its page tree, compressed objects included; undefined where the bytes do not prove them:
 * encrypted and large files, filters that are not read here, and pages or contents that are used more than once.
 *
 * Source: ISO 32000-1, sections 7.3.5 (names), 7.7.3 (page tree), 8.10 (forms), 9.4 (text objects), 9.10.3 (ToUnicode).
 */
export function pdfSize(bytes: Buffer): PdfSize | undefined {
  return atOnce(pdfSteps(bytes));
}

/**
 * `pdfSize` in steps, since a large file takes long. No pattern here may look at the same letters again from each place: a file of
 * one number, or of one bracket after the other, would take hours.
 */
export function* pdfSteps(bytes: Buffer): Steps<PdfSize | undefined> {
  if (bytes.length > LARGEST_PDF) return undefined;
  const streams = yield* pdfStreams(bytes);
  if (streams === undefined) return undefined;
  const { objects, contents, forms } = streams;
  if (/\/Encrypt\b/.test(objects) || HIDDEN_NAME.test(objects)) return undefined;
  yield;
  const pages = pagesIn(objects);
  if (pages === undefined) return undefined;
  yield;
  if (repeatsContents(streams)) return undefined;
  let textBytes = 0;
  // A form may be drawn on every page.
  for (const [texts, times] of [[contents, 1] as const, [forms, pages] as const]) {
    for (const text of texts) {
      yield;
      if (LONG_CHARACTER.test(text)) return undefined;
      textBytes += (yield* shownBytes(text)) * times;
    }
  }
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
  const kids: string[] = [];
  for (const [, list = ''] of lists) {
    const references = referencesIn(list);
    if (references === undefined) return undefined;
    for (const reference of references) kids.push(reference);
  }
  if (new Set(kids).size !== kids.length) return undefined;
  return Math.max(most, kids.length);
}

/** The references of a list that holds nothing else; undefined where it does. */
function referencesIn(list: string): string[] | undefined {
  const words = list.trim() === '' ? [] : list.trim().split(/\s+/);
  const references: string[] = [];
  for (let at = 0; at < words.length; at += 3) {
    const [number = '', generation = '', letter] = words.slice(at, at + 3);
    if (!NUMBER.test(number) || !NUMBER.test(generation) || letter !== 'R') return undefined;
    references.push(`${Number(number)} ${Number(generation)}`);
  }
  return references;
}

/** True when contents may be shown twice, by two pages or by a list that repeats them: more text than the file has. */
function repeatsContents({ objects, numbers }: PdfStreams): boolean {
  const shown = new Set<string>();
  const name = '/Contents';
  let close = -1;
  for (let at = objects.indexOf(name); at >= 0; at = objects.indexOf(name, at + 1)) {
    const [, bracket, one] =
      /^\s{0,20}(?:(\[)|(\d{1,10}\s{1,20}\d{1,10}\s{1,20}R))/.exec(objects.slice(at + name.length, at + 100)) ?? [];
    if (bracket !== undefined && close < at) close = objects.indexOf(']', at);
    if (bracket !== undefined && close < 0) return true;
    const list = bracket === undefined ? one : objects.slice(objects.indexOf('[', at) + 1, close);
    const references = list === undefined ? undefined : referencesIn(list);
    // What is no reference is a text, or hides one.
    if (references === undefined) return true;
    for (const reference of references) {
      if (shown.has(reference)) return true;
      shown.add(reference);
    }
  }
  for (const [list] of objects.matchAll(/\[[\s\dR]*R\s*\]/g)) {
    const references = referencesIn(list.slice(1, -1));
    const streams = references?.filter((reference) => numbers.has(Number.parseInt(reference, 10)));
    if (streams === undefined || new Set(streams).size !== streams.length) return true;
  }
  return false;
}

const OPEN = 0x28;
const CLOSE = 0x29;
const BACKSLASH = 0x5c;

/** Bytes inside the strings of a content stream, nested parentheses included. */
function* shownBytes(content: string): Steps<number> {
  let bytes = 0;
  let depth = 0;
  for (let at = 0; at < content.length; at += 1) {
    if (at % LETTERS_AT_ONCE === LETTERS_AT_ONCE - 1) yield;
    const unit = content.charCodeAt(at);
    if (depth > 0) bytes += 1;
    if (unit === BACKSLASH && depth > 0) at += 1;
    else if (unit === OPEN) depth += 1;
    else if (unit === CLOSE && depth > 0) depth -= 1;
  }
  for (const [text] of content.matchAll(/<[0-9a-fA-F\s]+>/g)) bytes += text.length >> 1;
  return bytes;
}
