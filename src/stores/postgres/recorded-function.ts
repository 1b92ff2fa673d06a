/**
 * Whether a request has its event. The range around its id makes the index of ids the cheaper one also in a month that has no
 * statistics yet: the other one would read all events of the account. Planned once per connection: as part of another function
 * it was planned with every request, over all months.
 */
export const RECORDED_FUNCTION = `
  CREATE OR REPLACE FUNCTION gateway_is_recorded(p_account text, p_id text) RETURNS boolean LANGUAGE plpgsql
  SET plan_cache_mode = force_generic_plan AS $recorded$
  BEGIN
    RETURN EXISTS (SELECT 1 FROM gateway_events
      WHERE id = p_id AND id BETWEEN p_id AND p_id AND account_id = p_account);
  END $recorded$;
`;
