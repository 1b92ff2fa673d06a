/** True when the bytes are UTF-8, as a fatal `TextDecoder` sees it, without making a text of them. */
export { isUtf8 } from 'node:buffer';
