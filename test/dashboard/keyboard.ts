import type { Page } from 'playwright-core';
import { eventually } from '../helpers/eventually.js';

/** What has the focus: the name that a screen reader would say, and whether the focus can be seen. */
interface Focused {
  readonly name: string;
  readonly visible: boolean;
}

const MOST_STEPS = 120;

/** Drives a page with the keyboard alone, as somebody does who has no pointer; the focus must be seen at every step. */
export function keyboardOf(page: Page) {
  /** Presses Tab until the control with this name has the focus. */
  async function tabTo(name: string | RegExp, { back = false } = {}): Promise<void> {
    const seen: string[] = [];
    for (let step = 0; step < MOST_STEPS; step += 1) {
      await page.keyboard.press(back ? 'Shift+Tab' : 'Tab');
      const focused = await focusOf(page);
      seen.push(focused.name);
      if (!focused.visible) throw new Error(`the focus on "${focused.name}" can not be seen`);
      if (typeof name === 'string' ? focused.name === name : name.test(focused.name)) return;
    }
    throw new Error(`no way with Tab to ${name}; passed ${[...new Set(seen)].join(' | ')}`);
  }
  const press = (key: string) => page.keyboard.press(key);
  return {
    tabTo,
    press,
    /** Goes to a control, and presses Enter. */
    async use(name: string | RegExp): Promise<void> {
      await tabTo(name);
      await press('Enter');
    },
    /** Goes to a field, and writes in place of what is there. */
    async write(name: string | RegExp, text: string): Promise<void> {
      await tabTo(name);
      await press('Control+A');
      await page.keyboard.type(text);
    },
    /** Waits until the control with this name has the focus again, as after a dialog. */
    async hasFocus(name: string | RegExp): Promise<void> {
      const matches = (focused: string) => (typeof name === 'string' ? focused === name : name.test(focused));
      let focused = '';
      await eventually(async () => {
        focused = (await focusOf(page)).name;
        return matches(focused);
      }).catch(() => {
        throw new Error(`the focus is on "${focused}" and not on ${name}`);
      });
    },
  };
}

function focusOf(page: Page): Promise<Focused> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement) || element === document.body) return { name: '(page)', visible: true };
    const labels =
      element instanceof HTMLInputElement ||
      element instanceof HTMLSelectElement ||
      element instanceof HTMLTextAreaElement
        ? [...(element.labels ?? [])]
        : [];
    const name = element.getAttribute('aria-label') ?? labels[0]?.textContent ?? element.textContent ?? '';
    // The parts of a date field show their own focus, which no script can see.
    let visible = element instanceof HTMLInputElement && element.type === 'date';
    for (let at: HTMLElement | null = element; at && !visible; at = at.parentElement) {
      const { outlineStyle, outlineWidth } = getComputedStyle(at);
      visible = outlineStyle !== 'none' && outlineWidth !== '0px';
    }
    return { name: name.trim(), visible };
  });
}
