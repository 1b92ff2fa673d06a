/** @jsxImportSource preact */
import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import { t } from '../i18n.js';
import { Icon } from './icons.js';

interface SegmentedProps<T extends string> {
  /** What is chosen, for screen readers. */
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [T, string])[];
  readonly onChange: (value: T) => void;
}

/** A choice of one among few, all visible: radio buttons in one row. */
export function Segmented<T extends string>({ label, value, options, onChange }: SegmentedProps<T>) {
  const name = useId();
  return (
    <fieldset class="segmented">
      <legend class="visually-hidden">{label}</legend>
      {options.map(([option, text]) => (
        <label key={option} class={option === value ? 'segment segment-on' : 'segment'}>
          <input type="radio" name={name} checked={option === value} onChange={() => onChange(option)} />
          {text}
        </label>
      ))}
    </fieldset>
  );
}

interface FieldProps {
  readonly label: string;
  /** Where a heading says the same already. */
  readonly labelHidden?: boolean;
  readonly hint?: string;
  readonly error?: string | undefined;
  /** The control; gets the ids that tie it to its label and its hint. */
  readonly children: (ids: { readonly id: string; readonly 'aria-describedby': string }) => ComponentChildren;
}

/** A form control with its label, a hint and what is wrong with its value. */
export function Field({ label, labelHidden = false, hint, error, children }: FieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id} class={labelHidden ? 'visually-hidden' : ''}>
        {label}
      </label>
      {children({ id, 'aria-describedby': `${id}-hint` })}
      <div id={`${id}-hint`} class={error ? 'field-hint field-error' : 'field-hint'}>
        {error ?? hint}
      </div>
    </div>
  );
}

const AFTER_COPY = { done: 'action.copied', failed: 'action.notCopied' } as const;

/** Copies a text to the clipboard and says so, or that the browser refused: a key that is shown once would be lost. */
export function CopyButton({ text, primary = false }: { readonly text: string; readonly primary?: boolean }) {
  const [after, setAfter] = useState<keyof typeof AFTER_COPY>();
  const copy = async () => {
    const done = await copyText(text);
    setAfter(done ? 'done' : 'failed');
    if (done) setTimeout(() => setAfter(undefined), 2_000);
  };
  return (
    <button type="button" class={primary ? 'button button-primary' : 'button'} onClick={() => void copy()}>
      <Icon name={after === 'done' ? 'check' : 'copy'} />
      <span aria-live="polite">{t(after ? AFTER_COPY[after] : 'action.copy')}</span>
    </button>
  );
}

/**
 * The clipboard API needs a secure context and a permission; without them, a selected text field has to do.
 *
 * @returns whether the text is in the clipboard.
 */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {}
  const button = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  (document.querySelector('dialog[open]') ?? document.body).append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  if (button instanceof HTMLElement) button.focus();
  return done;
}
