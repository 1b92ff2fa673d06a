const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;

/**
 * True when an object in a JSON text has the same key twice, or a key with an escape, which may be the same as another.
 *
 * @param text valid JSON.
 */
export function repeatsKey(text: string): boolean {
  const open: (Set<string> | undefined)[] = [];
  let keys: Set<string> | undefined;
  let awaitsKey = false;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at + 1);
        if (awaitsKey && keys) {
          const key = text.slice(at + 1, end);
          if (keys.has(key) || key.includes('\\')) return true;
          keys.add(key);
          awaitsKey = false;
        }
        at = end;
        break;
      }
      case OPEN_OBJECT:
        open.push(keys);
        keys = new Set();
        awaitsKey = true;
        break;
      case OPEN_LIST:
        open.push(keys);
        keys = undefined;
        awaitsKey = false;
        break;
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        keys = open.pop();
        awaitsKey = false;
        break;
      case COMMA:
        awaitsKey = keys !== undefined;
        break;
      default:
    }
  }
  return false;
}

function endOfString(text: string, from: number): number {
  let end = text.indexOf('"', from);
  while (end !== -1) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}
