/** Tables that each node has whole: they are read with every request and seldom written. An account comes before its keys. */
const REFERENCE_TABLES = [
  'gateway_migrations',
  'gateway_accounts',
  'gateway_keys',
  'gateway_promo_codes',
  'gateway_prices',
  'gateway_event_kinds',
];

/** Tables that are spread by account; the first is the one that the others lie beside. */
const DISTRIBUTED_TABLES = [
  'gateway_balances',
  'gateway_budgets',
  'gateway_holds',
  'gateway_entries',
  'gateway_events',
  'gateway_allowances',
  'gateway_grants',
  'gateway_notices',
  'gateway_usage',
  'gateway_usage_units',
  'gateway_usage_dimensions',
  'gateway_usage_dimension_units',
  'gateway_requests',
  'gateway_items',
  'gateway_changes',
];

/** Functions that run on the node of the account, their first argument. All others are only made known to the nodes. */
const DELEGATED_FUNCTIONS = [
  'gateway_reserve',
  'gateway_settle',
  'gateway_release',
  'gateway_expire',
  'gateway_credit',
  'gateway_grant',
  'gateway_refund',
  'gateway_expire_grants',
];

const listed = (names: readonly string[]) => `ARRAY[${names.map((name) => `'${name}'`).join(', ')}]`;

/**
 * Spreads the tables over the nodes of a Citus cluster: what is not spread yet, so that it can run at each start. Tables come
 * before the functions, whose types depend on them.
 *
 * Source: Citus, "Citus Utility Functions": `create_reference_table`, `create_distributed_table`,
 * `create_distributed_function`, and the catalogs `pg_dist_partition` and `pg_dist_object`.
 */
export function distributionStatement(): string {
  return `DO $distribution$
    DECLARE name text; called record;
    BEGIN
      -- One shard after another within this transaction: a reference table that another one names by a key needs it.
      PERFORM set_config('citus.multi_shard_modify_mode', 'sequential', true);
      FOREACH name IN ARRAY ${listed(REFERENCE_TABLES)} LOOP
        CONTINUE WHEN EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = name::regclass);
        PERFORM create_reference_table(name::regclass);
      END LOOP;
      FOREACH name IN ARRAY ${listed(DISTRIBUTED_TABLES)} LOOP
        CONTINUE WHEN EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = name::regclass);
        IF name = '${DISTRIBUTED_TABLES[0]}' THEN
          PERFORM create_distributed_table(name::regclass, 'account_id');
        ELSE
          PERFORM create_distributed_table(name::regclass, 'account_id', colocate_with => '${DISTRIBUTED_TABLES[0]}');
        END IF;
      END LOOP;
      FOR called IN SELECT p.oid::regprocedure AS signature, p.proname = ANY (${listed(DELEGATED_FUNCTIONS)}) AS delegated
        FROM pg_proc p WHERE p.proname LIKE 'gateway\\_%' AND p.pronamespace = (
          SELECT relnamespace FROM pg_class WHERE oid = '${DISTRIBUTED_TABLES[0]}'::regclass)
          AND NOT EXISTS (SELECT 1 FROM pg_dist_object o WHERE o.classid = 'pg_proc'::regclass AND o.objid = p.oid)
        ORDER BY p.proname LOOP
        IF called.delegated THEN
          PERFORM create_distributed_function(called.signature, 'p_account', colocate_with => '${DISTRIBUTED_TABLES[0]}');
        ELSE
          PERFORM create_distributed_function(called.signature);
        END IF;
      END LOOP;
    END $distribution$`;
}
