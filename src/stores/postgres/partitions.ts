import { LOCK } from './advisory-lock.js';

/** Locks on the whole table are given up after this: requests that came after would wait for them. */
const LOCK_TIMEOUT = '200ms';
/** Partitions are made for this month and the three that follow. */
const MONTHS_AHEAD = 3;
/** A partition that goes is counted where that takes no time, and estimated by the server's statistics where it would. */
const MAX_COUNTED = 500_000;

/**
 * Events by UTC month. A month has a partition of its own when one was made before its first event; everything else is in
 * `gateway_events_rest`, from where a month is moved when its partition is made. A role that may not create tables
 * leaves all in there.
 */
export const PARTITION_FUNCTIONS = `
  CREATE FUNCTION gateway_month(p_at bigint, p_more integer) RETURNS timestamp LANGUAGE sql IMMUTABLE AS $month$
    SELECT date_trunc('month', timestamp '1970-01-01' + p_at * interval '1 millisecond') + p_more * interval '1 month'
  $month$;
  CREATE FUNCTION gateway_month_start(p_month timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE AS $start$
    SELECT (EXTRACT(EPOCH FROM p_month) * 1000)::bigint
  $start$;

  CREATE FUNCTION gateway_add_month(p_month timestamp) RETURNS void LANGUAGE plpgsql AS $add$
  DECLARE
    part text := 'gateway_events_' || to_char(p_month, 'YYYY_MM');
    begins bigint := gateway_month_start(p_month); ends bigint := gateway_month_start(p_month + interval '1 month');
  BEGIN
    IF to_regclass(part) IS NOT NULL THEN RETURN; END IF;
    LOCK TABLE gateway_events_rest IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('CREATE TABLE %I (LIKE gateway_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part);
    EXECUTE format('WITH moved AS (DELETE FROM gateway_events_rest WHERE at >= %s AND at < %s RETURNING *)
      INSERT INTO %I SELECT * FROM moved', begins, ends, part);
    EXECUTE format('ALTER TABLE gateway_events ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', part, begins, ends);
  END $add$;

  -- Makes the partitions of the months to come, one process at a time; what can't be made now is tried again later.
  CREATE FUNCTION gateway_months_ahead(p_now bigint) RETURNS void LANGUAGE plpgsql AS $ahead$
  BEGIN
    IF NOT pg_try_advisory_xact_lock(${LOCK}, 4) THEN RETURN; END IF;
    PERFORM set_config('lock_timeout', '${LOCK_TIMEOUT}', true);
    FOR n IN 0 .. ${MONTHS_AHEAD} LOOP
      PERFORM gateway_add_month(gateway_month(p_now, n));
    END LOOP;
  EXCEPTION WHEN lock_not_available OR insufficient_privilege OR deadlock_detected OR feature_not_supported THEN
    RETURN;
  END $ahead$;

  -- Whole months go at once; what is left of the limit are single rows. The number of rows that went.
  CREATE FUNCTION gateway_prune_events(p_before bigint, p_limit integer) RETURNS bigint LANGUAGE plpgsql AS $prune$
  DECLARE
    part text; rows bigint; gone bigint := 0;
  BEGIN
    IF NOT pg_try_advisory_xact_lock(${LOCK}, 3) THEN RETURN 0; END IF;
    FOR part IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'gateway_events'::regclass AND c.relname ~ '^gateway_events_[0-9]{4}_[0-9]{2}$'
      ORDER BY c.relname LOOP
      EXIT WHEN gone >= p_limit
        OR gateway_month_start(to_date(right(part, 7), 'YYYY_MM') + interval '1 month') > p_before;
      BEGIN
        SELECT reltuples::bigint INTO rows FROM pg_class WHERE oid = part::regclass;
        IF rows < ${MAX_COUNTED} THEN EXECUTE format('SELECT COUNT(*) FROM %I', part) INTO rows; END IF;
        PERFORM set_config('lock_timeout', '${LOCK_TIMEOUT}', true);
        EXECUTE format('DROP TABLE %I', part);
        gone := gone + rows;
      EXCEPTION WHEN lock_not_available OR insufficient_privilege OR deadlock_detected OR feature_not_supported THEN
        EXIT;
      END;
    END LOOP;
    IF gone < p_limit THEN
      DELETE FROM gateway_events e USING (
        SELECT id, account_id, at FROM gateway_events WHERE at < p_before ORDER BY at LIMIT p_limit - gone
      ) old WHERE e.id = old.id AND e.account_id = old.account_id AND e.at = old.at;
      GET DIAGNOSTICS rows = ROW_COUNT;
      gone := gone + rows;
    END IF;
    RETURN gone;
  END $prune$;
`;

/** Makes the partitions of a new installation, or of the events that there are, the oldest years left together. */
export const FIRST_PARTITIONS = `
  PERFORM gateway_add_month(month) FROM (
    SELECT DISTINCT gateway_month(at, 0) AS month FROM gateway_events_9
    WHERE at >= (EXTRACT(EPOCH FROM now()) * 1000)::bigint - 10 * 366 * 86400000::bigint
      AND at < (EXTRACT(EPOCH FROM now()) * 1000)::bigint + 366 * 86400000::bigint
    UNION SELECT gateway_month((EXTRACT(EPOCH FROM now()) * 1000)::bigint, n) FROM generate_series(0, ${MONTHS_AHEAD}) AS n
  ) AS months;
`;
