/** @jsxImportSource preact */

interface SlotProps {
  readonly x: number;
  readonly width: number;
  readonly area: { readonly top: number; readonly bottom: number };
  /** The value at the top of the area. */
  readonly highest: number;
  /** From the axis up. */
  readonly layers: readonly (readonly [id: string, value: number])[];
  readonly label: string | undefined;
  readonly on: boolean;
  /** A long label of the last bar ends at the chart's edge. */
  readonly last: boolean;
}

const MAX_BAR_WIDTH = 40;
const LABEL_WIDTH = 48;

/** One stacked bar with the name below it. */
export function Slot({ x, width, area, highest, layers, label, on, last }: SlotProps) {
  const barWidth = Math.min(MAX_BAR_WIDTH, Math.max(1, width * 0.68));
  const scale = (area.bottom - area.top) / highest;
  const atEdge = last && width < LABEL_WIDTH;
  let base = area.bottom;
  return (
    <g>
      {on && <rect class="chart-back" x={x} y={area.top} width={width} height={area.bottom - area.top} />}
      {layers.map(([id, value], layer) => {
        if (value <= 0) return null;
        const height = Math.max(1, value * scale);
        base -= height;
        return (
          <rect
            key={id}
            class={`series-${layer}`}
            x={x + (width - barWidth) / 2}
            y={base}
            width={barWidth}
            height={height}
          />
        );
      })}
      {label && (
        <text
          class="chart-text"
          x={atEdge ? x + width : x + width / 2}
          y={area.bottom + 18}
          text-anchor={atEdge ? 'end' : 'middle'}
        >
          {label}
        </text>
      )}
    </g>
  );
}

interface TooltipProps {
  /** Where it stands, as a share of the chart's width. */
  readonly at: number;
  readonly title: string;
  readonly total: string;
  readonly rows: readonly { readonly id: string; readonly name: string; readonly value: number }[];
  readonly format: (value: number) => string;
}

/** The values of one bar; it stays inside the chart on both sides. */
export function Tooltip({ at, title, total, rows, format }: TooltipProps) {
  const left = `${(at * 100).toFixed(2)}%`;
  return (
    <div class="tooltip" style={{ left, transform: `translateX(-${(at * 100).toFixed(0)}%)` }}>
      <span class="tooltip-head">
        <span>{title}</span>
        <strong>{total}</strong>
      </span>
      {rows.map(
        ({ id, name, value }, layer) =>
          value > 0 && (
            <span key={id} class="tooltip-row">
              <i class={`dot series-${layer}`} />
              <bdi>{name}</bdi>
              <span>{format(value)}</span>
            </span>
          ),
      )}
    </div>
  );
}
