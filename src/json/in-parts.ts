// What reads and writes large bodies, loaded together with the first of them.
export { readLongString } from './long-string.js';
export { parseInParts } from './parse-in-parts.js';
export { writeInParts } from './write-in-parts.js';
