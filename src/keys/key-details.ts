/** Settings of a key that most keys do not have. */
export interface KeyDetails {
  /** The host's own notes. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Addresses and CIDR ranges that it may be used from; undefined: any. */
  readonly allowIps?: readonly string[];
  /** Paths of the routes that it may call; undefined: all of them. */
  readonly routes?: readonly string[];
  /** Milliseconds since the epoch; a disabled key is refused until it is enabled again. */
  readonly disabledAt?: number;
  /** True: only the operator may change its budget, never its account. */
  readonly lockedBudget?: boolean;
  /** The first of a chain of rotated keys: budget and limits of all of them are counted under it. */
  readonly rootId?: string;
  /** Set for a session token, with whom it is for. */
  readonly session?: SessionFacts;
}

/** Whom a session token is for. */
export interface SessionFacts {
  readonly endUser?: string;
  readonly session?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** Null removes a setting; undefined leaves it. */
export type KeyDetailsChange = { readonly [Name in keyof KeyDetails]?: KeyDetails[Name] | null };

/** Values after a change of them: null removes one, undefined leaves it. Undefined where nothing is left. */
export function changedValues<T extends object>(
  values: T | undefined,
  change: { readonly [Name in keyof T]?: T[Name] | null | undefined },
): T | undefined {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  const left = Object.entries({ ...values, ...Object.fromEntries(given) }).filter(([, value]) => value !== null);
  return left.length === 0 ? undefined : (Object.fromEntries(left) as T);
}
