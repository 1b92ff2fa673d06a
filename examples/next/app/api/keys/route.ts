import { gateway } from '../../../lib/gateway';

/** A key for the user who is signed in; here everybody is the same user. */
export async function POST(): Promise<Response> {
  const { key, record } = await gateway.keys.create({ accountId: 'user_1', name: 'from the app' });
  return Response.json({ key, hint: record.hint });
}
