/** As many characters of a secret in a row say something of it. */
const RUN = 8;

/**
 * The text without the secrets: whole, in part (8 characters and more), with white space in between, and in the encodings
 * that servers write values in: base64 at any offset, hexadecimal, percent-encoding, JSON escapes.
 */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  let shown = text;
  for (const secret of secrets) if (secret) shown = shown.replaceAll(secret, MARK);
  const runs = runsOf(secrets);
  return runs.size === 0 ? shown : withoutRuns(shown, runs);
}

const MARK = '[redacted]';

function runsOf(secrets: readonly string[]): ReadonlySet<string> {
  const runs = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < RUN) continue;
    for (const form of formsOf(secret)) {
      for (let at = 0; at + RUN <= form.length; at += 1) runs.add(form.slice(at, at + RUN));
    }
  }
  return runs;
}

/** A secret as it may be written. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  const percent = (digits: string) => digits.replace(/../g, '%$&');
  const escaped = Array.from(secret, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    escaped,
    escaped.toUpperCase().replaceAll('\\U', '\\u'),
    hex,
    hex.toUpperCase(),
    percent(hex),
    percent(hex.toUpperCase()),
    ...[0, 1, 2].flatMap((before) => base64At(bytes, before)),
  ];
}

/** What a secret is in base64 when that many bytes stand before it, without the characters that depend on its neighbors. */
function base64At(bytes: Buffer, before: number): string[] {
  const text = Buffer.concat([Buffer.alloc(before), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const own = text.slice(before === 0 ? 0 : 4, -1);
  return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
}

/** White space within a run does not hide it. */
function withoutRuns(text: string, runs: ReadonlySet<string>): string {
  const places: number[] = [];
  let dense = '';
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charAt(at);
    if (/\s/.test(letter)) continue;
    dense += letter;
    places.push(at);
  }
  let shown = '';
  let copied = 0;
  for (let at = 0; at + RUN <= dense.length; ) {
    if (!runs.has(dense.slice(at, at + RUN))) {
      at += 1;
      continue;
    }
    let end = at + RUN;
    while (end < dense.length && runs.has(dense.slice(end - RUN + 1, end + 1))) end += 1;
    shown += text.slice(copied, places[at]) + MARK;
    copied = (places[end - 1] as number) + 1;
    at = end;
  }
  return shown + text.slice(copied);
}
