/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { t } from '../i18n.js';
import { CHAT_LANGUAGES, type SnippetChat, type SnippetLanguage, snippet } from '../quickstart/snippets.js';
import { CopyButton, Segmented } from '../ui/controls.js';

/** The chat as it stands, as code for well-known clients. */
export function CodeView({ chat }: { readonly chat: SnippetChat }) {
  const [language, setLanguage] = useState<SnippetLanguage>('curl');
  const code = snippet(language, chat);
  return (
    <details class="card more">
      <summary>{t('play.code')}</summary>
      <div class="toolbar">
        <Segmented label={t('quickstart.language')} value={language} options={CHAT_LANGUAGES} onChange={setLanguage} />
        <CopyButton text={code} />
      </div>
      <pre class="code">
        <code>{code}</code>
      </pre>
    </details>
  );
}
