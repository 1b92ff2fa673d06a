/** @jsxImportSource preact */
import type { PageName } from '../../src/dashboard/pages.js';
import { apiUrl } from '../client.js';
import { count, money, shortCount, utcDay } from '../format.js';
import { t } from '../i18n.js';
import { addressOf, choose, type Place } from '../router.js';
import type { Model, ModelList } from '../shapes.js';
import { SearchField } from '../ui/search-field.js';
import { Select } from '../ui/select.js';
import { Empty, Loaded, PageHead } from '../ui/states.js';
import { Table } from '../ui/table.js';
import { useResource } from '../use-resource.js';
import { isChat } from './is-chat.js';

const CANS = [
  'tools',
  'structuredOutput',
  'reasoning',
  'promptCache',
  'webSearch',
  'image',
  'audio',
  'video',
  'file',
] as const;
type Can = (typeof CANS)[number];

/** What a model takes and can do, beside text. */
function canOf({ abilities, input, output }: Pick<Model, 'abilities' | 'input' | 'output'>): Can[] {
  const all: readonly string[] = [...abilities, ...input, ...output];
  return CANS.filter((one) => all.includes(one));
}

/** The models of the account's plan with their prices. */
export function ModelsPage({ place }: { readonly place: Place }) {
  const models = useResource<ModelList>(apiUrl('models'));
  const search = place.query.get('search') ?? '';
  const ability = place.query.get('can') ?? '';
  const fits = ({ id, displayName, ...model }: Model) =>
    `${id} ${displayName}`.toLowerCase().includes(wanted) && (ability === '' || canOf(model).includes(ability as Can));
  const wanted = search.trim().toLowerCase();
  return (
    <>
      <PageHead title={t('models.title')} intro={t('models.intro')} />
      <div class="toolbar">
        <SearchField label={t('models.search')} value={search} onInput={(text) => choose(place, { search: text })} />
        <Select
          label={t('models.can')}
          value={ability}
          options={[['', t('models.any')], ...CANS.map((one) => [one, t(`models.${one}`)] as const)]}
          onChange={(can) => choose(place, { can })}
        />
      </div>
      <section class="card card-table">
        <Loaded resource={models}>{({ data }) => <ModelTable models={data.filter(fits)} />}</Loaded>
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
        {
          title: t('models.can'),
          cell: (model) => (
            <span class="chips">
              {canOf(model).map((one) => (
                <span key={one} class="badge">
                  {t(`models.${one}`)}
                </span>
              ))}
            </span>
          ),
        },
        {
          title: t('models.context'),
          numeric: true,
          cell: ({ contextWindow }) => (contextWindow === null ? '–' : shortCount(contextWindow)),
        },
        { title: t('models.input'), numeric: true, cell: (model) => money(model.price.input) },
        { title: t('models.cached'), numeric: true, cell: (model) => money(model.price.cachedInput) },
        { title: t('models.output'), numeric: true, cell: (model) => money(model.price.output) },
        {
          title: t('models.try'),
          quiet: true,
          cell: (model) =>
            isChat(model) && (
              <span class="row-actions">
                <Link page="playground" model={model.id} text={t('models.try')} />
                <Link page="quickstart" model={model.id} text={t('models.code')} />
              </span>
            ),
        },
      ]}
    />
  );
}

/** Another page with this model chosen. */
function Link({ page, model, text }: { readonly page: PageName; readonly model: string; readonly text: string }) {
  return (
    <a class="button button-small" href={addressOf([page], { model })} aria-label={`${text} ${model}`}>
      {text}
    </a>
  );
}

/** A model, and what it costs with a long input where that differs. */
function ModelName({ model }: { readonly model: Model }) {
  return (
    <span class="stack">
      <code class="strong">{model.id}</code>
      <span class="muted small">
        <bdi>{model.ownedBy}</bdi>
        {model.deprecated && ` · ${t('models.until', { date: utcDay(model.deprecated) })}`}
      </span>
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
