import { en, type MessageId } from './messages/en.js';
import { zh } from './messages/zh.js';
import type { Language } from './preferences.js';

const MESSAGES: Record<Language, Record<MessageId, string>> = { en, zh };

export type { MessageId };

let current: Language = 'en';

/** Sets the language of all texts; the page is drawn anew afterwards. */
export function setLanguage(language: Language): void {
  current = language;
}

/** The language as `Intl` names it. */
export function locale(): string {
  return current === 'zh' ? 'zh-CN' : 'en-US';
}

/** A text in the visitor's language, with `{name}` replaced. */
export function t(id: MessageId, values: Readonly<Record<string, string | number>> = {}): string {
  return MESSAGES[current][id].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

/** A text that may not exist; for codes that the server sends. */
export function findMessage(id: string): string | undefined {
  const messages: Partial<Record<string, string>> = MESSAGES[current];
  return Object.hasOwn(messages, id) ? messages[id] : undefined;
}
