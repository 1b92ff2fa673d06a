/** A point in a script that waits until a test lets it go on: order without sleeps. */
export interface Gate {
  /** Resolves when the script has arrived here. */
  readonly reached: Promise<void>;
  /** Lets the script go on, also when it arrives later. */
  open(): void;
  /** Called by the script: arrives and waits. */
  pass(): Promise<void>;
}

/**
 * Makes a gate.
 *
 * @example const g = gate(); upstream.answer({ text: ['first ', g, 'second'] }); await g.reached; g.open()
 */
export function gate(): Gate {
  let arrive: () => void = () => {};
  let open: () => void = () => {};
  const reached = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    reached,
    open: () => open(),
    pass() {
      arrive();
      return opened;
    },
  };
}
