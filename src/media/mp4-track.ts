/** What is known of a track; times are in ticks of its own scale. */
export interface Track {
  id: number;
  scale: number;
  /** What its header claims. */
  claimed: number;
  isSound: boolean;
  /** Seconds of one sample of sound, by its codec; undefined: not known. */
  sampleSeconds: number | undefined;
  /** By the tables of times and of sizes. */
  timed: number;
  timedSamples: number;
  lastDelta: number;
  samples: number;
  /** Where its last fragment ends. */
  end: number;
}
