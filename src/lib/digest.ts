/** 106 bits as 22 letters and digits: two multiply-xor passes with different seeds. Spreads well; not cryptographic. */
export function digest(text: string): string {
  return mix(text, 0x9e3779b9) + mix(text, 0x85ebca6b);
}

function mix(text: string, seed: number): string {
  let a = 0xdeadbeef ^ seed;
  let b = 0x41c6ce57 ^ seed;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    a = Math.imul(a ^ unit, 0x9e3779b1);
    b = Math.imul(b ^ unit, 0x5f356495);
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  return (0x200000 * (b >>> 0) + (a >>> 11)).toString(36).padStart(11, '0');
}
