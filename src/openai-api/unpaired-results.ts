/** Stands for the result of a call that was never answered: the client was interrupted, or lost it. */
export const NO_RESULT = 'There is no result.';

/** Introduces, in a message of the user, a result whose call is no longer in the conversation. */
export const EARLIER_RESULT = 'The result of an earlier tool call:';
