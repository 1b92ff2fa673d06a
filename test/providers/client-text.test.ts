import { describe, expect, test } from 'vitest';
import { clientText } from '../../src/providers/client-text.js';

const SECRET = 'Zx81kQ9mV2bT7cYw4LpR0sHfUe6Jd3NaGi5';
const BYTES = Buffer.from(SECRET);
const escapes = Array.from(SECRET, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');

describe('a secret in a message', () => {
  test.each([
    ['as it is', SECRET],
    ['in base64', BYTES.toString('base64')],
    ['in base64 behind a byte', Buffer.from(`x${SECRET}`).toString('base64')],
    ['in base64 behind two', Buffer.from(`xy${SECRET}z`).toString('base64url')],
    ['in hexadecimal', BYTES.toString('hex')],
    ['in hexadecimal capitals', BYTES.toString('hex').toUpperCase()],
    ['percent-encoded', BYTES.toString('hex').replace(/../g, '%$&')],
    ['in JSON escapes', escapes],
    ['its first half', SECRET.slice(0, 18)],
    ['its end', SECRET.slice(-12)],
    ['spaced', [...SECRET].join(' ')],
    ['on lines', SECRET.replace(/.{5}/g, '$&\n')],
  ])('%s', (_name, written) => {
    const shown = clientText(`The key ${written} is wrong.`, [SECRET]);
    const dense = (text: string) => text.replace(/\s/g, '');
    for (let at = 0; at + 12 <= dense(written).length; at += 1)
      expect(dense(shown)).not.toContain(dense(written).slice(at, at + 12));
    expect(shown).toContain('[redacted]');
    expect(shown.startsWith('The key')).toBe(true);
    expect(shown.endsWith('is wrong.')).toBe(true);
  });
});

test.each([
  ['connect ECONNREFUSED 10.0.3.17:8443', 'connect ECONNREFUSED [address]'],
  ['from 192.168.0.1, 127.0.0.1', 'from [address], [address]'],
  ['dial fd00::1', 'dial [address]'],
  ['dial [fe80::1%eth0]:443', 'dial [address]'],
  ['dial 2001:db8:0:0:0:0:0:1', 'dial [address]'],
  ['dial ::ffff:10.0.0.1', 'dial [address]'],
  ['host internal.corp.example', 'host [host]'],
  ['db-1.prod.svc.cluster.local:5432', '[host]'],
  ['redis-master:6379 and localhost:3000', '[host] and [host]'],
  ['worker.models.internal', '[host]'],
  ['see postgres://u:p@h/db', 'see [link]'],
])('no address of a network is shown: %s', (message, shown) => {
  expect(clientText(message, [])).toBe(shown);
});

test.each([
  "Invalid type for 'messages[0].content.image_url'.",
  'messages.1.content.0.text: cache_control is not allowed',
  'gpt-4.1 takes max_tokens:4096, claude-3.5 does not; at 12:30:45',
  'tools.0.function.parameters of a.pdf, e.g. node.js, std::vector, 3:4',
])('what helps a client stays: %s', (message) => {
  expect(clientText(message, [SECRET])).toBe(message);
});
