/** @jsxImportSource preact */
import { NOTHING } from './table.js';

const WIDTH = 84;
const HEIGHT = 22;

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
      {values.map((value, place) => {
        const height = value > 0 ? Math.max(1.5, (value / highest) * HEIGHT) : 0.75;
        const at = place * slot;
        return <rect key={at} x={at} y={HEIGHT - height} width={slot - 1.5} height={height} rx="0.5" />;
      })}
    </svg>
  );
}
