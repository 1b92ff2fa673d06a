/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { errorText } from '../format.js';
import { TextField } from '../ui/text-field.js';
import { newIdempotencyKey } from './idempotency-key.js';

interface TextFormProps<N extends string> {
  readonly title: string;
  readonly fields: readonly {
    readonly name: N;
    readonly label: string;
    readonly hint?: string;
    readonly attributes?: object;
  }[];
  readonly initial?: Partial<Record<N, string>>;
  readonly submit: string;
  readonly danger?: boolean;
  /**
   * What it throws is shown at the first field. `idempotencyKey` stays the same until it has worked: a second click on a
   * slow or lost answer can't count twice.
   */
  readonly onSubmit: (values: Record<N, string>, idempotencyKey: string) => Promise<void>;
}

/** A few text fields and one button; what was sent is emptied. */
export function TextForm<N extends string>({ title, fields, initial, submit, danger, onSubmit }: TextFormProps<N>) {
  const start = () => Object.fromEntries(fields.map(({ name }) => [name, initial?.[name] ?? ''])) as Record<N, string>;
  const [values, setValues] = useState(start);
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [idempotencyKey, setIdempotencyKey] = useState(newIdempotencyKey);
  const send = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await onSubmit(values, idempotencyKey);
      setIdempotencyKey(newIdempotencyKey());
      if (!initial) setValues(start());
    } catch (failure) {
      setError(errorText(failure));
    }
    setBusy(false);
  };
  return (
    <form class="card form" onSubmit={send}>
      <h2>{title}</h2>
      {fields.map(({ name, label, hint, attributes }, index) => (
        <TextField
          key={name}
          label={label}
          hint={hint}
          error={index === 0 ? error : undefined}
          attributes={attributes}
          value={values[name]}
          onInput={(value) => setValues({ ...values, [name]: value })}
        />
      ))}
      {error && fields.length === 0 && (
        <p class="field-error" role="alert">
          {error}
        </p>
      )}
      <button type="submit" class={danger ? 'button button-danger-quiet' : 'button'} disabled={busy}>
        {submit}
      </button>
    </form>
  );
}
