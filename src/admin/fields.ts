import {
  described,
  type Fields,
  flag,
  integer,
  list,
  map,
  nullable,
  object,
  ref,
  type Schema,
  text,
  time,
} from './schema.js';

/** An answer with a list. */
export const rows = (items: Schema): Schema => object({ data: list(items) });
/** What was found, as an answer with a list. */
export const data = async (found: Promise<unknown>) => ({ data: await found });

/** The query of a page. */
export const PAGE: Fields = {
  'limit?': described(integer, '1 to 1,000; 100 by default'),
  'before?': described(text, 'The id of the last row of the page before'),
};

/** What can be set of a key, and with null removed. */
export const KEY_SETTINGS: Fields = {
  'expiresAt?': nullable(time),
  'models?': nullable(list(text)),
  'limits?': nullable(ref('Limits')),
  'budget?': nullable(ref('Budget')),
  'metadata?': nullable(map(text)),
  'allowIps?': nullable(list(text)),
  'routes?': nullable(list(text)),
  'lockedBudget?': flag,
};
