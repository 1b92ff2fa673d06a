'use client';

import { createAuthClient } from 'better-auth/react';
import { type FormEvent, useState } from 'react';

const client = createAuthClient();

/** Signs a user up or in, by which button was pressed. */
export function SignInForm() {
  const [problem, setProblem] = useState<string>();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const email = String(fields.get('email'));
    const password = String(fields.get('password'));
    const isNew = (event.nativeEvent as SubmitEvent).submitter?.getAttribute('value') === 'sign-up';
    const { error } = isNew
      ? await client.signUp.email({ email, password, name: email.split('@')[0] ?? email })
      : await client.signIn.email({ email, password });
    if (error) setProblem(error.message ?? 'That did not work.');
    else location.assign('/dashboard');
  }

  return (
    <form onSubmit={submit}>
      <p>
        <label>
          E-mail <input name="email" type="email" autoComplete="email" required />
        </label>
      </p>
      <p>
        <label>
          Password <input name="password" type="password" minLength={8} autoComplete="current-password" required />
        </label>
      </p>
      <button type="submit" name="what" value="sign-up">
        Sign up
      </button>{' '}
      <button type="submit" name="what" value="sign-in">
        Sign in
      </button>
      {problem && <p role="alert">{problem}</p>}
    </form>
  );
}
