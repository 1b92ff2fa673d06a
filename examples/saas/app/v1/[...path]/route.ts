import { toNextHandlers } from 'metask-gateway/next';
import { gateway } from '../../../lib/gateway';

export const dynamic = 'force-dynamic';
export const maxDuration = 300;

export const { GET, POST, DELETE, HEAD, OPTIONS } = toNextHandlers(gateway);
