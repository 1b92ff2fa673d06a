/** @jsxImportSource preact */
import { Icon } from './icons.js';

interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
}

/** Narrows a list while one types. */
export function SearchField({ label, value, onInput }: SearchFieldProps) {
  return (
    <span class="search">
      <Icon name="search" />
      <input
        class="input"
        type="search"
        aria-label={label}
        placeholder={label}
        maxLength={200}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </span>
  );
}
