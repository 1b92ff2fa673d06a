import { locale } from './i18n.js';

/** A formatter is made once per language and options: making one takes longer than many uses of it. */
function kept<O, F>(make: (language: string, options: O) => F): (options: O) => F {
  const known = new Map<string, F>();
  return (options) => {
    const id = `${locale()} ${JSON.stringify(options)}`;
    const formatter = known.get(id) ?? make(locale(), options);
    known.set(id, formatter);
    return formatter;
  };
}

export const numberFormat = kept(
  (language, options: Intl.NumberFormatOptions) => new Intl.NumberFormat(language, options),
);
export const dateFormat = kept(
  (language, options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(language, options),
);
export const timeAgoFormat = kept(
  (language, options: Intl.RelativeTimeFormatOptions) => new Intl.RelativeTimeFormat(language, options),
);
