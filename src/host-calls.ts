// What the host's own code calls, loaded together with the first of these calls: serving requests on Node needs none of it.
export { fetchInProcess } from './http/in-process.js';
export { answerWebRequest } from './http/web.js';
export { managementParts } from './management/all-parts.js';
export { checkParts } from './management/check.js';
export { pruneAll } from './management/maintenance.js';
export { probeTargets } from './management/probe.js';
export { quoted } from './management/quoted.js';
