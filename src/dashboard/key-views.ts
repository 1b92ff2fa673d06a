/** The orders that a list of keys can be in: newest first, by name, most spent or last used first. */
export const KEY_ORDERS = ['created', 'name', 'spend', 'used'] as const;
export type KeyOrder = (typeof KEY_ORDERS)[number];

/** Which keys are listed. */
export const KEY_STATES = ['live', 'unused', 'revoked'] as const;
export type KeyState = (typeof KEY_STATES)[number];

/** Keys on a page of the list. */
export const KEYS_A_PAGE = 50;
