import { now } from '../clock.js';
import type { Key } from '../shapes.js';
import { amountOf } from '../ui/text-field.js';

/** What the key form holds, as the visitor typed it. */
export interface KeyDraft {
  readonly name: string;
  /** `never`, `keep`, `date`, or a number of days. */
  readonly expiry: string;
  /** For expiry `date`: `2026-11-21`. */
  readonly expiryDate: string;
  readonly budgetAmount: string;
  readonly budgetPeriod: 'day' | 'week' | 'month' | 'total';
  /** Undefined: all models of the plan. */
  readonly models: readonly string[] | undefined;
  /** Comma-separated. */
  readonly ips: string;
  /** One `name = value` per line. */
  readonly metadata: string;
  readonly lockedBudget: boolean;
}

/** The form of a new key, or of the one to edit. */
export function draftOf(key?: Key): KeyDraft {
  return {
    name: key?.name ?? '',
    expiry: key?.expiresAt ? 'keep' : 'never',
    expiryDate: '',
    budgetAmount: key?.budget?.amount ?? '',
    budgetPeriod: key?.budget?.period ?? 'month',
    models: key?.models ?? undefined,
    ips: key?.allowIps?.join(', ') ?? '',
    metadata: Object.entries(key?.metadata ?? {})
      .map(([name, value]) => `${name} = ${value}`)
      .join('\n'),
    lockedBudget: key?.lockedBudget ?? false,
  };
}

/** The body of a write: what is absent in a new key is removed from an existing one. */
export function settingsOf(draft: KeyDraft, editing: boolean): object {
  const none = editing ? null : undefined;
  const ips = draft.ips.split(/[\s,]+/).filter((one) => one !== '');
  const amount = amountOf(draft.budgetAmount);
  return {
    name: draft.name,
    expiresAt: draft.expiry === 'keep' ? undefined : (expiryOf(draft) ?? none),
    budget: draft.lockedBudget ? undefined : amount ? { amount, period: draft.budgetPeriod } : none,
    allowIps: ips.length > 0 ? ips : none,
    models: draft.models ?? none,
    metadata: metadataOf(draft.metadata) ?? none,
  };
}

/** A day ends where the visitor is. */
function expiryOf({ expiry, expiryDate }: KeyDraft): string | undefined {
  if (expiry === 'date') return expiryDate ? new Date(`${expiryDate}T23:59:59`).toISOString() : undefined;
  const days = Number(expiry);
  return days > 0 ? new Date(now() + days * 86_400_000).toISOString() : undefined;
}

/** Names and values; a line without `=` is a name alone. Undefined for an empty text. */
export function metadataOf(lines: string): Record<string, string> | undefined {
  const notes = lines.split('\n').flatMap((line): [string, string][] => {
    const [name = '', ...value] = line.split('=');
    return name.trim() === '' ? [] : [[name.trim(), value.join('=').trim()]];
  });
  return notes.length > 0 ? Object.fromEntries(notes) : undefined;
}
