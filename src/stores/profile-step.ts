/**
 * A step of both SQL schemas: what people call an account; and promo codes from the time when case mattered, in upper
 * case as they are looked for now. Codes that differ in nothing else stay as they are.
 */
export const PROFILE_STEP = `
  ALTER TABLE gateway_accounts ADD COLUMN profile TEXT;
  UPDATE gateway_entries SET reference = upper(reference) WHERE kind = 'promo' AND reference IN (
    SELECT code FROM gateway_promo_codes c WHERE code <> upper(code) AND NOT EXISTS (
      SELECT 1 FROM gateway_promo_codes o WHERE o.code <> c.code AND upper(o.code) = upper(c.code)));
  UPDATE gateway_promo_codes SET code = upper(code) WHERE code IN (
    SELECT code FROM gateway_promo_codes c WHERE code <> upper(code) AND NOT EXISTS (
      SELECT 1 FROM gateway_promo_codes o WHERE o.code <> c.code AND upper(o.code) = upper(c.code)));
`;
