/** A step of both SQL schemas: settings that most keys do not have, session tokens, and suspended accounts. */
export function keyDetailsStep(flag: string): string {
  return `
  ALTER TABLE gateway_keys ADD COLUMN details TEXT;
  ALTER TABLE gateway_keys ADD COLUMN is_session ${flag};
  ALTER TABLE gateway_accounts ADD COLUMN suspension TEXT;
  CREATE INDEX gateway_keys_sessions ON gateway_keys (expires_at) WHERE is_session;
  `;
}
