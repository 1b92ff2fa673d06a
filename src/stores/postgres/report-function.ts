/**
 * Runs the text of a report without compiling it: where a table has millions of rows the planner expects enough of them to
 * compile a statement first, which takes ten times as long as to run it. The setting ends with the function, so it needs no
 * transaction and no connection of its own. The values stand in the text as `($1)[n]`.
 *
 * Source: PostgreSQL, "Just-in-Time Compilation (JIT)", 32.2, "When to JIT?".
 */
export const REPORT_FUNCTION = `
  CREATE FUNCTION gateway_report(p_text text, p_values text[]) RETURNS SETOF text LANGUAGE plpgsql STABLE SET jit = off
  AS $report$
  BEGIN
    RETURN QUERY EXECUTE p_text USING p_values;
  END $report$;
`;
