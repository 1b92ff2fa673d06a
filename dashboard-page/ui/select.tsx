/** @jsxImportSource preact */
import { useState } from 'preact/hooks';

interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onChange: (value: string) => void;
}

/** With more than this, a thousand keys for one, drawing the options costs more than the rest of a page. */
const MOST_AT_ONCE = 50;

/**
 * A choice of one among many. A value that is not offered (from an address) is offered, too. A long list is drawn when
 * somebody turns to it.
 */
export function Select({ label, value, options, onChange }: SelectProps) {
  const [wanted, setWanted] = useState(false);
  const known = options.some(([option]) => option === value);
  const shown = wanted || options.length <= MOST_AT_ONCE ? options : options.filter(([option]) => option === value);
  return (
    <select
      class="input input-auto"
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onPointerEnter={() => setWanted(true)}
      onFocus={() => setWanted(true)}
    >
      {!known && <option value={value}>{value}</option>}
      {shown.map(([option, text]) => (
        <option key={option} value={option}>
          {text}
        </option>
      ))}
    </select>
  );
}
