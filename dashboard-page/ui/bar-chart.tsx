/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { t } from '../i18n.js';
import { Slot, Tooltip } from './bar-chart-parts.js';
import { labelEvery, ticks } from './chart-scale.js';
import { useWidth } from './use-width.js';

interface Bars {
  /** Two may have the same name. */
  readonly id: string;
  readonly name: string;
  readonly values: readonly number[];
}

interface BarChartProps {
  /** What the chart shows, for screen readers. */
  readonly label: string;
  /** One per bar. */
  readonly names: readonly string[];
  readonly shortNames: readonly string[];
  /** Stacked in this order, from the axis up. */
  readonly series: readonly Bars[];
  readonly format: (value: number, short?: boolean) => string;
  /** The values are counts. */
  readonly whole: boolean;
}

const HEIGHT = 240;
/** Where bars are drawn, in pixels from the top. */
const AREA = { top: 12, bottom: HEIGHT - 26 } as const;
const LABEL_WIDTH = 80;
/** Of a digit on the axis. */
const DIGIT_WIDTH = 6.6;

/** Stacked bars over time. The pointer or the arrow keys choose a bar, whose values are shown and read out. */
export function BarChart({ label, names, shortNames, series, format, whole }: BarChartProps) {
  const [box, width] = useWidth();
  const [chosen, setChosen] = useState<number>();
  const totals = names.map((_, index) => series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0));
  const lines = ticks(Math.max(0, ...totals), whole);
  const highest = lines.at(-1) || 1;
  const values = lines.map((line) => format(line, true));
  const left = 18 + DIGIT_WIDTH * Math.max(...values.map(({ length }) => length));
  const slot = Math.max(1, (width - left) / names.length);
  const y = (value: number) => AREA.bottom - (value / highest) * (AREA.bottom - AREA.top);
  const isLabelled = labelEvery(names.length, (width - left) / LABEL_WIDTH);
  const move = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    setChosen((at) => Math.min(names.length - 1, Math.max(0, (at ?? (step > 0 ? -1 : names.length)) + step)));
  };
  const point = (event: PointerEvent) => {
    const edge = (event.currentTarget as Element).getBoundingClientRect();
    const index = Math.floor((event.clientX - edge.left - left) / slot);
    setChosen(index >= 0 && index < names.length ? index : undefined);
  };
  return (
    <div class="chart" ref={box}>
      <div
        class="chart-focus"
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={names.length - 1}
        aria-valuenow={chosen ?? 0}
        aria-valuetext={
          chosen === undefined ? t('usage.chartHint') : `${names[chosen]}: ${format(totals[chosen] ?? 0)}`
        }
        onKeyDown={move}
        onBlur={() => setChosen(undefined)}
        onPointerMove={point}
        onPointerLeave={() => setChosen(undefined)}
      >
        <svg width={width} height={HEIGHT} aria-hidden="true">
          {lines.map((line, index) => (
            <g key={line}>
              <line class="chart-line" x1={left} x2={width} y1={y(line)} y2={y(line)} />
              <text class="chart-text" x={left - 10} y={y(line) + 4} text-anchor="end">
                {values[index]}
              </text>
            </g>
          ))}
          {names.map((name, index) => (
            <Slot
              key={name}
              x={left + index * slot}
              width={slot}
              area={AREA}
              highest={highest}
              layers={series.map(({ id, values: own }) => [id, own[index] ?? 0] as const)}
              label={isLabelled(index) ? shortNames[index] : undefined}
              on={chosen === index}
              last={index === names.length - 1}
            />
          ))}
        </svg>
      </div>
      {chosen !== undefined && (
        <Tooltip
          at={(left + (chosen + 0.5) * slot) / width}
          title={names[chosen] ?? ''}
          total={format(totals[chosen] ?? 0)}
          rows={series.map(({ values: own, ...bars }) => ({ ...bars, value: own[chosen] ?? 0 }))}
          format={format}
        />
      )}
    </div>
  );
}
