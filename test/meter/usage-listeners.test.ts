import { expect, test } from 'vitest';
import { type RecordedRequest, UsageListeners } from '../../src/meter/usage-listeners.js';
import { testLogger } from '../helpers/test-logger.js';

const event = { id: 'req_1' } as RecordedRequest;
test('everybody hears of a request until they unsubscribe, also beside a listener that throws', () => {
  const heard: string[] = [];
  const faults: unknown[] = [];
  const listeners = new UsageListeners(() => heard.push('option'), {
    ...testLogger,
    error: (fields) => faults.push(fields),
  });
  listeners.add(() => {
    throw new Error('broken');
  });
  const stop = listeners.add(({ id }) => heard.push(id));
  listeners.notify(() => event);
  stop();
  listeners.notify(() => event);
  expect(heard).toEqual(['option', 'req_1', 'option']);
  expect(faults).toMatchObject([{ requestId: 'req_1' }, { requestId: 'req_1' }]);
});

test('an event is made only when somebody listens', () => {
  new UsageListeners(undefined, testLogger).notify(() => {
    throw new Error('made');
  });
});
