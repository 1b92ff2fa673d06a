/** @jsxImportSource preact */
import { useEffect, useReducer, useRef } from 'preact/hooks';
import { errorText } from '../format.js';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'info' | 'error';
}

const VISIBLE_MS = 6_000;
const MOST = 3;

let nextId = 0;
let toasts: readonly Toast[] = [];
/** How to draw each place for toasts anew; the last one lies on top. */
let places: readonly (() => void)[] = [];

/** Tells the visitor that something worked. */
export function notify(text: string): void {
  add(text, 'info');
}

/** Tells the visitor that something failed. */
export function notifyError(error: unknown): void {
  add(errorText(error), 'error');
}

/**
 * Where short messages appear; screen readers read them out. A modal dialog has a place of its own, because everything
 * outside of it is covered and silent.
 */
export function Toasts() {
  const [, redraw] = useReducer((turn: number) => turn + 1, 0);
  const place = useRef(() => redraw(undefined));
  useEffect(() => {
    const own = place.current;
    places = [...places, own];
    drawAll();
    return () => {
      places = places.filter((other) => other !== own);
      drawAll();
    };
  }, []);
  const shown = places.at(-1) === place.current ? toasts : [];
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shown.map(({ id, text, tone }) => (
        <div key={id} class={`toast toast-${tone}`}>
          {text}
        </div>
      ))}
    </div>
  );
}

/** Takes all messages away: what was said of one page is no longer news on the next. */
export function clearToasts(): void {
  toasts = [];
  drawAll();
}

function add(text: string, tone: Toast['tone']): void {
  const id = nextId++;
  toasts = [...toasts.slice(1 - MOST), { id, text, tone }];
  drawAll();
  setTimeout(() => {
    toasts = toasts.filter((toast) => toast.id !== id);
    drawAll();
  }, VISIBLE_MS);
}

function drawAll(): void {
  for (const draw of places) draw();
}
