/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { errorText } from '../format.js';
import { Field } from '../ui/controls.js';

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
  /** What it throws is shown at the first field. */
  readonly onSubmit: (values: Record<N, string>) => Promise<void>;
}

/** A few text fields and one button; what was sent is emptied. */
export function TextForm<N extends string>({ title, fields, initial, submit, danger, onSubmit }: TextFormProps<N>) {
  const start = () => Object.fromEntries(fields.map(({ name }) => [name, initial?.[name] ?? ''])) as Record<N, string>;
  const [values, setValues] = useState(start);
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const send = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await onSubmit(values);
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
        <Field key={name} label={label} {...(hint && { hint })} error={index === 0 ? error : undefined}>
          {(ids) => (
            <input
              {...ids}
              {...attributes}
              class="input"
              autoComplete="off"
              value={values[name]}
              onInput={(event) => setValues({ ...values, [name]: event.currentTarget.value })}
            />
          )}
        </Field>
      ))}
      <button type="submit" class={danger ? 'button button-danger-quiet' : 'button'} disabled={busy}>
        {submit}
      </button>
    </form>
  );
}
