import { createDashboard } from 'metask-gateway/dashboard';
import { toNextHandlers } from 'metask-gateway/next';
import { userOf } from '../../../lib/auth';
import { gateway } from '../../../lib/gateway';

export const dynamic = 'force-dynamic';

const dashboard = createDashboard({
  gateway,
  authenticate: async ({ headers }) => (await userOf(new Headers(headers as Record<string, string>)))?.id,
  loginUrl: '/',
  billing: '/billing',
  title: 'Acme AI',
});

export const { GET, POST } = toNextHandlers(dashboard);
