// What requests need that are not all text, loaded together with the first of them.
export * as sizing from '../providers/sizes.js';
export { measureSizes } from './measure-sizes.js';
export { measuredBound } from './measured-bound.js';
export { policeTools } from './provider-tools.js';
