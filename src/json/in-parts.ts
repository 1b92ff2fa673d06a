// What reads and writes large bodies, loaded together with the first of them.
export { withoutOutlinedLines } from './base64-lines.js';
export { readLongString } from './long-string.js';
export { readLarge } from './read-large.js';
export { encodedLength, encodedParts } from './write-in-parts.js';
