/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { t } from '../i18n.js';
import { SearchField } from '../ui/search-field.js';

/** Opens the request with an id: the `x-request-id` of an answer. */
export function FindRequest({ pageOf }: { readonly pageOf: (id: string) => string }) {
  const [id, setId] = useState('');
  const open = (event: Event) => {
    event.preventDefault();
    if (id.trim()) location.hash = pageOf(id.trim());
  };
  return (
    <form class="search-form" onSubmit={open}>
      <SearchField label={t('requests.search')} value={id} onInput={setId} />
    </form>
  );
}
