/** @jsxImportSource preact */
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../i18n.js';
import { Icon } from './icons.js';
import { Toasts } from './toasts.js';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  /** False: Escape and the backdrop do nothing, for what must not be lost by accident. @default true */
  readonly dismissible?: boolean;
  readonly wide?: boolean;
  readonly children: ComponentChildren;
}

/** A modal dialog: the focus stays inside, and goes back to what opened it. */
export function Dialog({ title, onClose, dismissible = true, wide = false, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Before the first frame: a key pressed by then would move the focus behind the dialog.
  useLayoutEffect(() => {
    const dialog = ref.current;
    const opener = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      // The browser gives the focus back only while the dialog is still in the page.
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class={wide ? 'dialog dialog-wide' : 'dialog'}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        if (dismissible) onClose();
      }}
    >
      <header class="dialog-head">
        <h2 id={titleId}>{title}</h2>
        {dismissible && (
          <button
            type="button"
            class="button button-quiet button-icon"
            aria-label={t('action.close')}
            onClick={onClose}
          >
            <Icon name="close" />
          </button>
        )}
      </header>
      {children}
      <Toasts />
    </dialog>
  );
}
