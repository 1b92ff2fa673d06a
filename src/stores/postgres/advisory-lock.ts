/** First key of this package's advisory locks; the second tells them apart. */
export const LOCK = 1_835_362_679;
