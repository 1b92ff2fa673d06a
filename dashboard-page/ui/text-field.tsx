/** @jsxImportSource preact */
import { Field } from './controls.js';

interface TextFieldProps {
  readonly label: string;
  readonly labelHidden?: boolean;
  readonly hint?: string | undefined;
  /** What is wrong with the value. */
  readonly error?: string | undefined;
  /** Of the input: `type`, `required`, `maxLength`, … */
  readonly attributes?: object | undefined;
  readonly value: string;
  readonly onInput: (value: string) => void;
}

/** What a field of money takes: a decimal with a point or a comma. */
export const AMOUNT = { inputMode: 'decimal', pattern: '-?\\d{1,9}([.,]\\d{1,9})?', placeholder: '10.00' } as const;

/** An amount as the API takes it. */
export function amountOf(text: string): string {
  return text.trim().replace(',', '.');
}

/** One line of text with its label, a hint and what is wrong with it. */
export function TextField({
  label,
  labelHidden = false,
  hint = '',
  error,
  attributes,
  value,
  onInput,
}: TextFieldProps) {
  return (
    <Field label={label} labelHidden={labelHidden} hint={hint} error={error}>
      {(ids) => (
        <input
          {...ids}
          {...attributes}
          class="input"
          autoComplete="off"
          value={value}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}
