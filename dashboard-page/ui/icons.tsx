/** @jsxImportSource preact */

/** Outlines on a 16 × 16 grid. */
const PATHS = {
  keys: 'M10.5 9.5a4 4 0 1 0-3.6-2.3L2 12v2h2.5v-1.5H6V11h1.5l1.3-1.7c.5.1 1.1.2 1.7.2ZM11.2 5h.01',
  usage: 'M2 14h12M4 11V8M8 11V3M12 11V6',
  billing:
    'M2 5.5A1.5 1.5 0 0 1 3.5 4h9A1.5 1.5 0 0 1 14 5.5v6a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 2 11.5ZM2 7.2h12M4.5 10.5h2.5',
  models: 'M8 2l5.5 3v6L8 14l-5.5-3V5ZM2.7 5.1 8 8l5.3-2.9M8 8v5.8',
  quickstart: 'M2.5 3.5h11v9h-11ZM5 6.5 7 8.3 5 10M8.5 10.2h2.5',
  operator: 'M8 2l5 1.8v3.9c0 3-2 5.2-5 6.3-3-1.1-5-3.3-5-6.3V3.8ZM6 8l1.5 1.5L10.3 6.5',
  copy: 'M5.5 5.5v-2h7v7h-2M3.5 5.5h7v7h-7Z',
  check: 'M3 8.5 6.5 12 13 4.5',
  plus: 'M8 3v10M3 8h10',
  close: 'M4 4l8 8M12 4l-8 8',
  external: 'M6 4H3.5v8.5H12V10M9 3.5h3.5V7M12.3 3.7 7.5 8.5',
  download: 'M8 2.5v7.5M4.8 7 8 10.2 11.2 7M3 13h10',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  more: 'M8 3.5h.01M8 8h.01M8 12.5h.01',
  home: 'M2.5 7.5 8 3l5.5 4.5M4 6.5V13h8V6.5M6.8 13V9.5h2.4V13',
  playground: 'M2.5 3.5h11v7.5H7l-3 2.5V11H2.5ZM5.5 6.2h5M5.5 8.4h3',
  requests: 'M3 4h10M3 8h10M3 12h6M12 10.5l1.5 1.5L12 13.5',
  back: 'M10 3.5 5.5 8l4.5 4.5',
  forward: 'M6 3.5 10.5 8 6 12.5',
  sort: 'M5 6.5 8 3.5l3 3M5 9.5l3 3 3-3',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.3 10.3 13.5 13.5',
} as const;

export type IconName = keyof typeof PATHS;

/** A decorative icon in the color of its text. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        stroke-width="1.4"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}
