import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type ConfigureOptions, createGateway, type Gateway, openai } from '../../src/index.js';

let gateway: Gateway;
let logged: [object, string][];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  logged = [];
});

afterEach(async () => {
  vi.useRealTimers();
  await gateway.close({ deadlineMs: 0 });
});

function follow(configSource: () => Promise<ConfigureOptions>, refreshMs?: number): Gateway {
  const log = (fields: object, message: string) => void logged.push([fields, message]);
  gateway = createGateway({
    providers: { openai: openai({ apiKey: 'sk' }) },
    models: model('first'),
    plans: { free: { models: '*' } },
    logger: { debug: log, info: log, warn: log, error: log },
    configSource,
    ...(refreshMs !== undefined && { refreshMs }),
  });
  return gateway;
}

const model = (name: string): NonNullable<ConfigureOptions['models']> => ({
  [name]: { provider: 'openai', price: { input: 1, output: 2 } },
});

const offered = async () => (await gateway.models.list()).map(({ id }) => id);

it('follows its source at the given pace', async () => {
  let kept = { models: model('second') };
  let looks = 0;
  follow(async () => {
    looks += 1;
    return kept;
  }, 5_000);
  await vi.advanceTimersByTimeAsync(0);
  expect(await offered()).toEqual(['second']);

  kept = { models: model('third') };
  await vi.advanceTimersByTimeAsync(4_999);
  expect(await offered()).toEqual(['second']);
  await vi.advanceTimersByTimeAsync(1);
  expect(await offered()).toEqual(['third']);
  expect(looks).toBe(2);

  await gateway.close({ deadlineMs: 0 });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(looks).toBe(2);
});

it('keeps what is in force when the source fails, answers nonsense or does not answer, and says so', async () => {
  const answers: (() => Promise<ConfigureOptions>)[] = [
    async () => ({ models: model('good') }),
    async () => {
      throw new Error('the table is locked');
    },
    async () => ({ models: { bad: { provider: 'nobody', price: { input: 1, output: 1 } } } }),
    () => new Promise(() => {}),
    async () => ({ models: model('better') }),
  ];
  follow(() => (answers.shift() as () => Promise<ConfigureOptions>)(), 1_000);
  await vi.advanceTimersByTimeAsync(3_500);

  expect(await offered()).toEqual(['good']);
  expect(logged).toMatchObject([
    [{ fault: { message: 'the table is locked' } }, 'could not apply the configuration'],
    [
      { fault: { message: expect.stringContaining('models.bad.provider names no provider: nobody') } },
      expect.any(String),
    ],
  ]);

  vi.useRealTimers();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

it('lets requests wait for the first answer', async () => {
  let say: (change: ConfigureOptions) => void = () => {};
  follow(() => new Promise((resolve) => (say = resolve)));
  const { key } = await gateway.keys.create({ accountId: 'a', name: 'k' });
  const request = new Request('http://gateway.test/v1/models', { headers: { authorization: `Bearer ${key}` } });
  const answer = gateway.fetch(request);

  await Promise.resolve();
  say({ models: model('second') });

  const { data } = (await (await answer).json()) as { data: { id: string }[] };
  expect(data.map(({ id }) => id)).toEqual(['second']);
});
