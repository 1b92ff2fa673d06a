import { inflateSync } from 'node:zlib';
import type { Steps } from '../lib/steps.js';

/** The parts of a PDF, unpacked. */
export interface PdfStreams {
  /** The file as it stands, and behind it its compressed objects. */
  readonly objects: string;
  /** What pages may show. */
  readonly contents: readonly string[];
  /** What may be drawn anywhere, any number of times. */
  readonly forms: readonly string[];
  /** The object numbers of all streams. */
  readonly numbers: ReadonlySet<number>;
}

/** The most that is unpacked of one file. */
const LARGEST_UNPACKED = 4 * 1024 * 1024;
const MOST_STREAMS = 2_000;
const LONGEST_DICTIONARY = 4_000;
const LONGEST_HEAD = 50;
/** Unpacked between two turns. */
const STREAMS_AT_ONCE = 50;

/** Pictures, metadata, cross references and font programs: they show no text. */
const NO_TEXT =
  /\/Subtype\s*\/(?:Image|XML|Type1C|CIDFontType0C|OpenType)\b|\/Type\s*\/(?:Metadata|XRef)\b|\/Length[123]\s+\d/;
const FLATE = /^\[?\s*\/(?:FlateDecode|Fl)\s*\]?$/;

/**
 * Unpacks what may hold objects or text; undefined where that takes a filter other than Flate, or too much memory, and for a stream
 * whose number or dictionary is not found.
 */
export function* pdfStreams(bytes: Buffer): Steps<PdfStreams | undefined> {
  const file = bytes.toString('latin1');
  const objects = [file];
  const contents: string[] = [];
  const forms: string[] = [];
  const numbers = new Set<number>();
  let left = LARGEST_UNPACKED;
  let streams = 0;
  for (let at = file.indexOf('stream'); at !== -1; at = file.indexOf('stream', at + 6)) {
    const start = startOfData(file, at);
    if (start === undefined) continue;
    const end = file.indexOf('endstream', start);
    streams += 1;
    if (end === -1 || streams > MOST_STREAMS) return undefined;
    if (streams % STREAMS_AT_ONCE === 0) yield;
    const head = headBefore(file, at);
    if (head === undefined) return undefined;
    const { number, dictionary } = head;
    numbers.add(number);
    at = end;
    if (NO_TEXT.test(dictionary)) continue;
    const text = unpacked(bytes, start, end, dictionary, left);
    if (text === undefined) return undefined;
    left -= text.length;
    if (/\/Type\s*\/ObjStm\b/.test(dictionary)) objects.push(text);
    else if (/\/Subtype\s*\/Form\b/.test(dictionary)) forms.push(text);
    else contents.push(text);
  }
  return { objects: objects.join('\n'), contents, forms, numbers };
}

/** Behind the keyword and one line break; undefined for the end of a stream and for the word in a text. */
function startOfData(file: string, at: number): number | undefined {
  if (file.startsWith('end', at - 3)) return undefined;
  if (file.startsWith('\r\n', at + 6)) return at + 8;
  return file[at + 6] === '\n' || file[at + 6] === '\r' ? at + 7 : undefined;
}

/** The dictionary of a stream and the number of its object; undefined where there is no head close before it. */
function headBefore(file: string, at: number): { number: number; dictionary: string } | undefined {
  const text = file.slice(Math.max(0, at - LONGEST_DICTIONARY), at);
  const head = text.lastIndexOf(' obj');
  const number = /(?:^|\D)(\d{1,10})\s{1,20}\d{1,10}$/.exec(
    text.slice(Math.max(0, head - LONGEST_HEAD), Math.max(0, head)),
  )?.[1];
  return number === undefined ? undefined : { number: Number(number), dictionary: text.slice(head + 1) };
}

function unpacked(bytes: Buffer, start: number, end: number, dictionary: string, most: number): string | undefined {
  const [, filter] = /\/F(?:ilter)?\s{0,20}(\[[^\]]{0,200}\]|\/\w{1,50})/.exec(dictionary) ?? [];
  // A filter in a form that is not read here.
  if (filter === undefined && /\/F(?:ilter)?(?![a-zA-Z])/.test(dictionary)) return undefined;
  if (filter === undefined) return end - start < most ? bytes.toString('latin1', start, end) : undefined;
  if (!FLATE.test(filter)) return undefined;
  try {
    return inflateSync(bytes.subarray(start, end), { maxOutputLength: Math.max(1, most) }).toString('latin1');
  } catch {
    return undefined;
  }
}
