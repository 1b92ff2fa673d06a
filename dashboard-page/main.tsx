/** @jsxImportSource preact */
import { render } from 'preact';
import { App } from './app.js';
import { setClock } from './clock.js';
import { earlyReads } from './early-reads.js';
import { pageSession } from './page-session.js';
import { applyTheme, readPreferences } from './preferences.js';

/** Who gets all of a page within this time sees it at once, and no grey bars before. */
const FIRST_ANSWERS_MS = 80;

setClock();
applyTheme(readPreferences());
// The first of them loads the tables of all: better while answers are awaited than when they are drawn.
new Intl.NumberFormat();
await earlyReads(FIRST_ANSWERS_MS);
const root = document.getElementById('app');
if (root) render(<App session={pageSession()} />, root);
