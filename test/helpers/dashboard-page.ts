import { buildDashboard } from '../../scripts/build-dashboard.js';

/** Bundles the dashboard's page once before the tests, so that a fresh clone needs no build. */
export default buildDashboard;
