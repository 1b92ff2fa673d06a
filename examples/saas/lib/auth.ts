import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { SqliteDialect } from 'kysely';
import { database } from './database';
import { gateway } from './gateway';

/** Sign-up and login by e-mail and password; any other method of better-auth's can be added here. */
export const auth = betterAuth({
  baseURL: process.env['APP_URL'] ?? 'http://localhost:3000',
  secret: process.env['AUTH_SECRET'] ?? 'change-me-before-you-go-live-0123456789',
  database: { dialect: new SqliteDialect({ database }), type: 'sqlite' },
  emailAndPassword: { enabled: true },
  databaseHooks: {
    user: {
      create: {
        // A user is an account of the gateway. The same key credits once, so a repeated hook gives nothing away.
        after: async ({ id }) => {
          await gateway.credits.topUp({
            accountId: id,
            amount: '1',
            idempotencyKey: 'sign-up',
            note: 'sign-up credit',
          });
        },
      },
    },
  },
});

// Creates the tables of users and sessions. A larger app runs its migrations before it starts.
const { runMigrations } = await getMigrations(auth.options);
await runMigrations();

/** The signed-in user of a request; undefined for nobody. */
export async function userOf(headers: Headers) {
  return (await auth.api.getSession({ headers }))?.user;
}
