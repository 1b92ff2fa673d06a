// What only operators read, loaded together with the first use of any of it.
export { memoryChangeLog } from './memory-change-log.js';
export { memoryRequestLog } from './memory-request-log.js';
