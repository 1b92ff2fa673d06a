import { type LoadOrder, run, type Send } from '../load.js';
import { ACCOUNT, benchGateway } from './bench-gateway.js';
import { type SubjectOptions, state } from './subject.js';

/** This gateway without a server: the process is its own load, by `fetchFor`. Orders are those of the load. */
const options = JSON.parse(process.argv[2] ?? '{}') as SubjectOptions;
const { gateway } = await benchGateway(options);
const fetch = gateway.fetchFor({ accountId: ACCOUNT });

/** The app's own code: it asks, and reads the whole answer. */
const send: Send = async ({ path, method, headers, body }, take) => {
  const answer = await fetch(`http://gateway.test${path}`, { method, headers, body });
  take(Buffer.from(await answer.arrayBuffer()));
  return answer.status;
};

process.on('disconnect', () => process.exit());
process.on('message', (asked: string | LoadOrder) => {
  if (typeof asked === 'string') process.send?.(state());
  else void run(asked, send).then((report) => process.send?.(report));
});
process.send?.({ port: 0, headers: {} });
