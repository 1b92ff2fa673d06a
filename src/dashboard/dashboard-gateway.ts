import type { Gateway } from '../gateway.js';

/** The part of a gateway that the dashboard calls. */
export type DashboardGateway = Pick<
  Gateway,
  | 'handle'
  | 'keys'
  | 'sessions'
  | 'budgets'
  | 'requests'
  | 'accounts'
  | 'credits'
  | 'promoCodes'
  | 'changes'
  | 'usage'
  | 'models'
  | 'plans'
  | 'health'
  | 'probe'
>;
