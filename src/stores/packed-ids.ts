/** Six bits a character, in the order of their codes: packed ids sort as the ids do. */
const ALPHABET = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';
const PAIRS = Array.from({ length: 4_096 }, (_, n) => `${ALPHABET[n >> 6]}${ALPHABET[n & 63]}`);
const MARK = '~';
const PREFIX = 'req_';
const OWN = /^req_[0-9a-f]{32}$/;
const PACKED_LENGTH = 23;
/** Where the id's groups of three digits begin; the last has two. */
const GROUPS = Array.from({ length: 11 }, (_, i) => PREFIX.length + 3 * i);

/**
 * The id of a request as events and entries keep it: the gateway's own ids, which are 16 bytes in hexadecimal, become 23
 * characters instead of 36. Any other id stays as it is, and no two become one.
 */
export function packId(id: string): string {
  if (!OWN.test(id)) return id.startsWith(MARK) ? MARK + id : id;
  return GROUPS.reduce((packed, at) => packed + PAIRS[Number.parseInt(id.slice(at, at + 3), 16)], MARK);
}

/** Reads what `packId` wrote. */
export function unpackId(packed: string): string {
  if (!packed.startsWith(MARK)) return packed;
  if (packed.startsWith(MARK, 1)) return packed.slice(1);
  if (packed.length !== PACKED_LENGTH) return packed;
  const digits = GROUPS.map((_, i) => {
    const [high, low] = [1 + 2 * i, 2 + 2 * i].map((at) => ALPHABET.indexOf(packed.charAt(at)));
    return ((high ?? 0) * 64 + (low ?? 0)).toString(16).padStart(i === GROUPS.length - 1 ? 2 : 3, '0');
  });
  return PREFIX + digits.join('');
}

/**
 * `packId` of a column in SQL, for migrations.
 *
 * @param find the function that says where a text is in another, from 1: `instr` or `strpos`.
 * @param isOwn the condition that the column holds an id of the gateway's own.
 */
export function packIdSql(column: string, find: 'instr' | 'strpos', isOwn: string): string {
  const digit = (at: number) => `(${find}('0123456789abcdef', substr(${column}, ${at + 1}, 1)) - 1)`;
  const groups = GROUPS.map((at, i) => {
    const places = i === GROUPS.length - 1 ? [at, at + 1] : [at, at + 1, at + 2];
    const value = places.map((place, n) => `${digit(place)} * ${16 ** (places.length - 1 - n)}`).join(' + ');
    return `substr('${ALPHABET}', (${value}) / 64 + 1, 1) || substr('${ALPHABET}', (${value}) % 64 + 1, 1)`;
  });
  return `CASE WHEN ${isOwn} THEN '${MARK}' || ${groups.join(' || ')}
    WHEN substr(${column}, 1, 1) = '${MARK}' THEN '${MARK}' || ${column} ELSE ${column} END`;
}
