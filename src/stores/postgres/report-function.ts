/**
 * Runs the text of a report without compiling it, and in one process: where a table has millions of rows the planner expects
 * enough of them to compile a statement and to start workers first, and each of these takes ten times as long as the report. The
 * settings end with the function, so they need no transaction and no connection of their own. The values stand in the text as
 * `($1)[n]`.
 *
 * Source: PostgreSQL, "Just-in-Time Compilation (JIT)", "When to JIT?", and "Parallel Query", "When Can Parallel Query Be Used?".
 */
export const REPORT_FUNCTION = `
  CREATE FUNCTION gateway_report(p_text text, p_values text[]) RETURNS SETOF text LANGUAGE plpgsql STABLE
  SET jit = off SET max_parallel_workers_per_gather = 0
  AS $report$
  BEGIN
    RETURN QUERY EXECUTE p_text USING p_values;
  END $report$;
`;
