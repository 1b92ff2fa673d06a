/** Marks reasoning that this gateway encoded, to tell it from that of other servers. */
export const CARRIED_MARK = 'mg1.';
