export { createDashboard, type Dashboard } from './dashboard.js';
export type { DashboardGateway } from './dashboard-gateway.js';
export { en as englishMessages, type MessageId } from './messages/en.js';
export type { DashboardMessages, DashboardOptions, Identity } from './options.js';
