import { BlockList, isIP } from 'node:net';

/** An address, or a range like `10.0.0.0/8` or `2001:db8::/32`; undefined when the text is neither. */
function parseRange(text: string): { address: string; bits: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [address = '', prefix] = text.split('/');
  const version = isIP(address);
  if (version === 0) return undefined;
  const most = version === 4 ? 32 : 128;
  if (prefix !== undefined && !/^\d{1,3}$/.test(prefix)) return undefined;
  const bits = prefix === undefined ? most : Number(prefix);
  return bits > most ? undefined : { address, bits, family: version === 4 ? 'ipv4' : 'ipv6' };
}

/** True for what can be an entry of `allowIps`. */
export function isAddressRange(text: unknown): text is string {
  return typeof text === 'string' && parseRange(text) !== undefined;
}

const lists = new WeakMap<readonly string[], BlockList>();

/** True when an address is in one of the ranges; an IPv4 address may be written as an IPv6 one (`::ffff:10.0.0.1`). */
export function isAllowedAddress(ranges: readonly string[], ip: string | undefined): boolean {
  if (ip === undefined) return false;
  const address = ip.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  const version = isIP(address);
  return version !== 0 && listOf(ranges).check(address, version === 4 ? 'ipv4' : 'ipv6');
}

function listOf(ranges: readonly string[]): BlockList {
  let list = lists.get(ranges);
  if (!list) {
    list = new BlockList();
    for (const range of ranges.map(parseRange)) if (range) list.addSubnet(range.address, range.bits, range.family);
    lists.set(ranges, list);
  }
  return list;
}
