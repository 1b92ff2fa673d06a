/** @jsxImportSource preact */

interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onChange: (value: string) => void;
}

/** A choice of one among many. A value that is not offered (from an address) is offered, too. */
export function Select({ label, value, options, onChange }: SelectProps) {
  const known = options.some(([option]) => option === value);
  return (
    <select
      class="input input-auto"
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    >
      {!known && <option value={value}>{value}</option>}
      {options.map(([option, text]) => (
        <option key={option} value={option}>
          {text}
        </option>
      ))}
    </select>
  );
}
