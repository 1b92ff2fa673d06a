export { type AdminApi, type AdminApiOptions, createAdminApi } from './admin-api.js';
export { openApiDocument } from './open-api.js';
export { operatorKeys } from './operator-keys.js';
