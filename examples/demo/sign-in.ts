import { type Router as ExpressRouter, Router } from 'express';
import type { DashboardOptions } from '../../src/dashboard/index.js';

/** Who can sign in to the demo, and as what. */
const VISITORS = { demo: 'a customer with a balance', operator: 'an operator, who sees all accounts' } as const;

/**
 * A stand-in for the session of a real app: whoever asks is let in. An app looks its own session up instead.
 */
export const authenticate: DashboardOptions['authenticate'] = ({ headers }) => {
  const visitor = /(?:^|;\s*)demo-visitor=(\w+)/.exec(String(headers['cookie'] ?? ''))?.[1];
  if (visitor === 'demo') return 'demo';
  return visitor === 'operator' ? { accountId: 'operator', role: 'admin' } : null;
};

/** The page on which one chooses who to be. */
export function signIn(): ExpressRouter {
  const router = Router();
  router.get('/', (_, res) => {
    const links = Object.entries(VISITORS).map(
      ([name, what]) => `<li><a href="/login/${name}">${name}</a>: ${what}</li>`,
    );
    res.type('html').send(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Demo</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<body style="font: 16px/1.6 system-ui; margin: 15vh auto; max-width: 32rem; padding: 0 1rem">
<h1>Demo</h1><p>Open the dashboard as</p><ul>${links.join('')}</ul></body></html>`);
  });
  router.get('/:visitor', (req, res) => {
    if (Object.hasOwn(VISITORS, req.params.visitor))
      res.cookie('demo-visitor', req.params.visitor, { httpOnly: true, sameSite: 'lax' });
    res.redirect('/dashboard/');
  });
  return router;
}
