/** @jsxImportSource preact */
import { useEffect, useState } from 'preact/hooks';
import { errorText } from '../format.js';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'info' | 'error';
}

const VISIBLE_MS = 6_000;

let nextId = 0;
let show: (toast: Toast) => void = () => {};

/** Tells the visitor that something worked. */
export function notify(text: string): void {
  show({ id: nextId++, text, tone: 'info' });
}

/** Tells the visitor that something failed. */
export function notifyError(error: unknown): void {
  show({ id: nextId++, text: errorText(error), tone: 'error' });
}

/** Where short messages appear; screen readers read them out. A popover, so that it lies above dialogs as well. */
export function Toasts() {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  useEffect(() => {
    show = (toast) => {
      setToasts((before) => [...before.slice(-2), toast]);
      setTimeout(() => setToasts((before) => before.filter(({ id }) => id !== toast.id)), VISIBLE_MS);
    };
  }, []);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.map(({ id, text, tone }) => (
        <div key={id} class={`toast toast-${tone}`}>
          {text}
        </div>
      ))}
    </div>
  );
}
