/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { apiUrl } from '../client.js';
import { count, money } from '../format.js';
import { t } from '../i18n.js';
import type { Model, ModelList } from '../shapes.js';
import { SearchField } from '../ui/search-field.js';
import { Empty, Loaded, PageHead } from '../ui/states.js';
import { Table } from '../ui/table.js';
import { useResource } from '../use-resource.js';

/** The models of the account's plan with their prices. */
export function ModelsPage() {
  const models = useResource<ModelList>(apiUrl('models'));
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  return (
    <>
      <PageHead title={t('models.title')} intro={t('models.intro')} />
      <div class="toolbar">
        <SearchField label={t('models.search')} value={search} onInput={setSearch} />
      </div>
      <section class="card card-table">
        <Loaded resource={models}>
          {({ data }) => <ModelTable models={data.filter(({ id }) => id.toLowerCase().includes(wanted))} />}
        </Loaded>
      </section>
    </>
  );
}

function ModelTable({ models }: { readonly models: readonly Model[] }) {
  if (models.length === 0) return <Empty title={t('models.empty')} hint={t('models.emptyHint')} />;
  return (
    <Table
      label={t('models.title')}
      rows={models}
      rowKey={({ id }) => id}
      columns={[
        { title: t('models.model'), header: true, cell: (model) => <ModelName model={model} /> },
        { title: t('models.provider'), cell: ({ ownedBy }) => <span class="muted">{ownedBy}</span> },
        { title: t('models.input'), numeric: true, cell: (model) => money(model.price.input) },
        { title: t('models.cached'), numeric: true, cell: (model) => money(model.price.cachedInput) },
        { title: t('models.output'), numeric: true, cell: (model) => money(model.price.output) },
      ]}
    />
  );
}

/** A model, and what it costs with a long input where that differs. */
function ModelName({ model }: { readonly model: Model }) {
  return (
    <span class="stack">
      <code class="strong">{model.id}</code>
      {model.price.tiers.map((tier) => (
        <span key={tier.aboveInputTokens} class="muted small">
          {t('models.above', {
            n: count(tier.aboveInputTokens),
            input: money(tier.input),
            output: money(tier.output),
          })}
        </span>
      ))}
    </span>
  );
}
