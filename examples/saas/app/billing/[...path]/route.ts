import { toNextHandlers } from 'metask-gateway/next';
import { billing } from '../../../lib/billing';

export const dynamic = 'force-dynamic';

export const { GET, POST } = toNextHandlers(billing);
