export { createDashboard, type Dashboard } from './dashboard.js';
export type { DashboardGateway } from './dashboard-gateway.js';
export type { DashboardOptions, Identity } from './options.js';
