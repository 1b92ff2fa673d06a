// What talks to providers, loaded together with the first use of any of it.
export { fetchExchange } from './fetch-exchange.js';
export { readEvents } from './sse-reader.js';
export { UndiciPools } from './undici/pools.js';
