import { useEffect, useState } from 'preact/hooks';
import { apiUrl, get } from './client.js';
import { type MessageId, setLanguage } from './i18n.js';
import type { Session } from './shapes.js';

type Texts = Partial<Record<MessageId, string>>;

/** Sets the language, with the host's own words where it has any; false until these are there. */
export function useLanguage(chosen: string, session: Session | undefined): boolean {
  const [own, setOwn] = useState<{ readonly language: string; readonly texts: Texts }>();
  const known = ['en', 'zh', ...(session?.languages ?? [])];
  const language = known.includes(chosen) ? chosen : 'en';
  const hasOwn = session?.languages.includes(language) ?? false;
  useEffect(() => {
    if (!hasOwn) return;
    get<Texts>(apiUrl(`messages/${encodeURIComponent(language)}`)).then(
      (texts) => setOwn({ language, texts }),
      () => setOwn({ language, texts: {} }),
    );
  }, [language, hasOwn]);
  const ready = !hasOwn || own?.language === language;
  setLanguage(language, hasOwn && ready ? own?.texts : undefined);
  return ready;
}
