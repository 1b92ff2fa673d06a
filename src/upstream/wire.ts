// What talks to providers, loaded together with the first use of any of it.
export { fetchTransport } from './fetch-transport.js';
export { readEvents } from './sse-reader.js';
export { UndiciPools } from './undici/pools.js';
