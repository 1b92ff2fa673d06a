export { type AdminApi, type AdminApiOptions, createAdminApi } from './admin-api.js';
export { openApiDocument } from './open-api.js';
export { type OperatorIdentity, operatorKeys } from './operator-keys.js';
export type { Schema } from './schema.js';
