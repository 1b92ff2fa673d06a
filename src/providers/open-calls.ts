/** The calls of a conversation that have no result yet, by their ids: those of the newest turn alone, as an id may come again. */
export class OpenCalls<Call> {
  readonly #calls = new Map<unknown, { readonly turn: number; readonly calls: Call[] }>();
  #turn = 0;

  startTurn(): void {
    this.#turn += 1;
  }

  add(id: unknown, call: Call): void {
    const others = this.#calls.get(id);
    if (others?.turn === this.#turn) others.calls.push(call);
    else this.#calls.set(id, { turn: this.#turn, calls: [call] });
  }

  /** The call that a result with this id answers, which is open no longer; undefined: there is none. */
  take(id: unknown): Call | undefined {
    return this.#calls.get(id)?.calls.shift();
  }
}
