import type { Metadata } from 'next';
import type { ReactNode } from 'react';

export const metadata: Metadata = { title: 'Acme AI' };

const body = { font: '16px/1.5 system-ui, sans-serif', maxWidth: '28rem', margin: '4rem auto', padding: '0 1rem' };

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body style={body}>{children}</body>
    </html>
  );
}
