import { headers } from 'next/headers';
import { userOf } from '../lib/auth';
import { gateway } from '../lib/gateway';
import { SignInForm } from './sign-in-form';
import { SignOutButton } from './sign-out-button';

export const dynamic = 'force-dynamic';

export default async function Page() {
  const user = await userOf(await headers());
  if (!user) {
    return (
      <main>
        <h1>Acme AI</h1>
        <p>One API for every model. $1 of credit is on us.</p>
        <SignInForm />
      </main>
    );
  }
  const { balance, plan } = await gateway.accounts.overview(user.id);
  return (
    <main>
      <h1>Hello, {user.name}</h1>
      <p data-testid="balance">
        ${balance} left on plan {plan}
      </p>
      <p>
        <a href="/dashboard">Dashboard</a>: keys, usage, billing.
      </p>
      <SignOutButton />
    </main>
  );
}
