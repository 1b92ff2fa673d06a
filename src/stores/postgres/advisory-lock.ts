/** First key of this package's advisory locks; the second distinguishes them. */
export const LOCK = 1_835_362_679;
