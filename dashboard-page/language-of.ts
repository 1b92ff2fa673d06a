const BUILT_IN = ['en', 'zh'];

/**
 * The language of those there are that fits best: the very one, one that is less exact (`de` for `de-AT`), one of
 * another region (`pt-BR` for `pt`), or English.
 *
 * @param own the languages that the host has texts in.
 */
export function languageOf(wanted: string, own: readonly string[]): string {
  const known = [...own, ...BUILT_IN];
  const find = (fits: (tag: string) => boolean) => known.find((tag) => fits(tag.toLowerCase()));
  const tag = wanted.toLowerCase();
  const main = mainOf(tag);
  return find((one) => one === tag) ?? find((one) => one === main) ?? find((one) => mainOf(one) === main) ?? 'en';
}

/** Whether a language is written from right to left. */
export function isRightToLeft(tag: string): boolean {
  return RIGHT_TO_LEFT.has(mainOf(tag.toLowerCase()));
}

/** Languages whose usual script is Arabic, Hebrew, Thaana or N'Ko. Source: Unicode CLDR, `characterOrder`. */
const RIGHT_TO_LEFT = new Set('ar arc ckb dv fa he iw ks nqo ps sd ug ur yi'.split(' '));

/** The tag by which numbers and dates are written: the visitor's own region where the browser names one of the language. */
export function localeOf(language: string, preferred: readonly string[]): string {
  if (language === 'zh') return 'zh-CN';
  return preferred.find((tag) => mainOf(tag.toLowerCase()) === language) ?? (language === 'en' ? 'en-US' : language);
}

function mainOf(tag: string): string {
  return tag.split('-')[0] ?? tag;
}
