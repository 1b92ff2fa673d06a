/** @jsxImportSource preact */
import { NOTHING } from './table.js';

const WIDTH = 84;
const HEIGHT = 22;
const GAP = 1.5;

/** A few values as bars, without axes. */
export function Sparkline({ values, label }: { readonly values: readonly number[]; readonly label: string }) {
  const highest = Math.max(...values, 0);
  if (highest === 0) return NOTHING;
  const slot = WIDTH / values.length;
  return (
    <svg
      class="sparkline"
      role="img"
      aria-label={label}
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
    >
      <path d={values.map((value, place) => bar(place * slot, slot - GAP, value / highest)).join('')} />
    </svg>
  );
}

/** One bar as part of a path: a table of keys has hundreds, which as elements cost more than the rest of it. */
function bar(at: number, width: number, share: number): string {
  const height = share > 0 ? Math.max(1.5, share * HEIGHT) : 0.75;
  return `M${at} ${HEIGHT}v${-height}h${width}v${height}z`;
}
