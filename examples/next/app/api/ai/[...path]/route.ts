import { toNextHandlers } from 'metask-gateway/next';
import { gateway } from '../../../../lib/gateway';

export const dynamic = 'force-dynamic';

// The same gateway elsewhere: any path works, and any of them can be a client's base URL.
export const { GET, POST, HEAD, OPTIONS } = toNextHandlers(gateway);
