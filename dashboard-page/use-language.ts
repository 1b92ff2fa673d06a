import { useEffect, useState } from 'preact/hooks';
import { apiUrl, get } from './client.js';
import { type MessageId, setLanguage } from './i18n.js';
import { isRightToLeft } from './language-of.js';
import type { Session } from './shapes.js';

type Texts = Partial<Record<MessageId, string>>;

/** Sets the language, with the host's own words where it has any; false until these are there. */
export function useLanguage(language: string, session: Session | undefined): boolean {
  const [own, setOwn] = useState<{ readonly language: string; readonly texts: Texts }>();
  const hasOwn = session?.languages.includes(language) ?? false;
  useEffect(() => {
    if (!hasOwn) return;
    get<Texts>(apiUrl(`messages/${encodeURIComponent(language)}`)).then(
      (texts) => setOwn({ language, texts }),
      () => setOwn({ language, texts: {} }),
    );
  }, [language, hasOwn]);
  useEffect(() => {
    const root = document.documentElement;
    root.lang = language === 'zh' ? 'zh-CN' : language;
    root.dir = isRightToLeft(language) ? 'rtl' : 'ltr';
  }, [language]);
  const ready = !hasOwn || own?.language === language;
  setLanguage(language, hasOwn && ready ? own?.texts : undefined, navigator.languages);
  return ready;
}
