import { en, type MessageId } from '../src/dashboard/messages/en.js';
import { localeOf } from './language-of.js';
import { zh } from './messages/zh.js';

export type { MessageId };

type Texts = Partial<Readonly<Record<MessageId, string>>>;

const BUILT_IN: Readonly<Record<string, Texts>> = { en, zh };

let language = 'en';
let texts: Texts = en;
let regions: readonly string[] = [];

/**
 * Sets the language of all texts; the page is drawn anew afterwards.
 *
 * @param own the host's words, which come first.
 * @param preferred the visitor's languages, with their regions.
 */
export function setLanguage(next: string, own: Texts = {}, preferred: readonly string[] = []): void {
  language = next;
  regions = preferred;
  texts = { ...BUILT_IN[next], ...own };
}

/** The language as `Intl` and the page name it. */
export function locale(): string {
  return localeOf(language, regions);
}

/** A text in the visitor's language, in English where it is not translated, with `{name}` replaced. */
export function t(id: MessageId, values: Readonly<Record<string, string | number>> = {}): string {
  return (texts[id] ?? en[id]).replace(/\{(\w+)\}/g, (_, name: string) => isolated(String(values[name] ?? '')));
}

const DIRECTED = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufeff]/;
const CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g;

/**
 * A name that runs from right to left, or that would turn what follows it around, stays within itself. Source: Unicode
 * Standard Annex 9, isolates.
 */
function isolated(value: string): string {
  return DIRECTED.test(value) ? `\u2068${value.replace(CONTROLS, '')}\u2069` : value;
}

/** A text that may not exist; for codes that the server sends. */
export function findMessage(id: string): string | undefined {
  return Object.hasOwn(en, id) ? t(id as MessageId) : undefined;
}
