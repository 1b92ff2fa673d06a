/** @jsxImportSource preact */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon } from './icons.js';

interface MenuProps {
  /** What the actions are for, for screen readers. */
  readonly label: string;
  readonly items: readonly MenuItem[];
}

export interface MenuItem {
  readonly text: string;
  readonly danger?: boolean;
  readonly run: () => void;
}

/** Rarely needed actions behind one quiet button; arrow keys move, Escape closes. */
export function Menu({ label, items }: MenuProps) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLSpanElement>(null);
  // Before the first frame, so that the next key is the menu's.
  useLayoutEffect(() => {
    if (open) focusItem(box.current, 0);
  }, [open]);
  const close = () => {
    setOpen(false);
    box.current?.querySelector('button')?.focus();
  };
  const move = (event: KeyboardEvent) => {
    if (event.key === 'Escape') return close();
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    if (!open) return setOpen(true);
    const buttons = [...(box.current?.querySelectorAll('[role=menuitem]') ?? [])];
    focusItem(box.current, buttons.indexOf(document.activeElement ?? document.body) + step);
  };
  const leave = (event: FocusEvent) => {
    if (!(event.relatedTarget instanceof Node && box.current?.contains(event.relatedTarget))) setOpen(false);
  };
  return (
    <span class="menu" ref={box}>
      <button
        type="button"
        class="button button-quiet button-icon"
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        onKeyDown={move}
        onFocusOut={leave}
      >
        <Icon name="more" />
      </button>
      {open && (
        <span class="menu-items" role="menu" aria-label={label} tabIndex={-1} onKeyDown={move} onFocusOut={leave}>
          {items.map(({ text, danger, run }) => (
            <button
              key={text}
              type="button"
              role="menuitem"
              tabIndex={-1}
              class={danger ? 'menu-item menu-danger' : 'menu-item'}
              onClick={() => {
                close();
                run();
              }}
            >
              {text}
            </button>
          ))}
        </span>
      )}
    </span>
  );
}

/** Moves the focus to an item; past either end it begins again. */
function focusItem(box: HTMLElement | null, index: number): void {
  const items = box?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [];
  items[(index + items.length) % items.length]?.focus();
}
