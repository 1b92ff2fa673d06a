/** @jsxImportSource preact */
import { render } from 'preact';
import { App } from './app.js';
import { applyTheme, readPreferences } from './preferences.js';
import type { Session } from './shapes.js';

applyTheme(readPreferences());
const root = document.getElementById('app');
if (root) render(<App session={sessionOf(root)} />, root);

/** Who is signed in, as the page itself says. */
function sessionOf({ dataset }: HTMLElement): Session | undefined {
  return dataset['session'] === undefined ? undefined : (JSON.parse(dataset['session']) as Session);
}
