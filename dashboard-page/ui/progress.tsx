/** @jsxImportSource preact */

interface ProgressProps {
  /** What fills up, for screen readers. */
  readonly label: string;
  readonly used: number;
  readonly all: number;
}

/** How much of an amount is used; it warns near the end. */
export function Progress({ label, used, all }: ProgressProps) {
  const share = all > 0 ? Math.min(1, used / all) : 1;
  const tone = share >= 1 ? 'bar bar-full' : share >= 0.8 ? 'bar bar-warn' : 'bar';
  return (
    <span
      class={tone}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
    >
      <i style={{ width: `${share * 100}%` }} />
    </span>
  );
}
