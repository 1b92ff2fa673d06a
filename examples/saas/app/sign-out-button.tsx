'use client';

import { createAuthClient } from 'better-auth/react';

const client = createAuthClient();

export function SignOutButton() {
  return (
    <button type="button" onClick={() => client.signOut().then(() => location.assign('/'))}>
      Sign out
    </button>
  );
}
