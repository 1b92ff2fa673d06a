/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { post } from '../client.js';
import { duration } from '../format.js';
import { t } from '../i18n.js';
import type { TargetTest } from '../shapes.js';
import { notifyError } from '../ui/toasts.js';

interface TestButtonProps {
  readonly target: string;
  readonly onTested: (test: TargetTest) => void;
}

/** Sends a target one small request. */
export function TestButton({ target, onTested }: TestButtonProps) {
  const [busy, setBusy] = useState(false);
  const test = async () => {
    setBusy(true);
    try {
      onTested(await post<TargetTest>('operator/health/test', { target }));
    } catch (error) {
      notifyError(error);
    }
    setBusy(false);
  };
  return (
    <button
      type="button"
      class="button button-small"
      aria-label={t('health.testOf', { target })}
      disabled={busy}
      onClick={() => void test()}
    >
      {t('health.test')}
    </button>
  );
}

/** A target, and what came of its test. */
export function TargetName({ target, test }: { readonly target: string; readonly test: TargetTest | undefined }) {
  return (
    <span class="stack">
      <code class="strong">{target}</code>
      <span class="small" role="status">
        {test && <Result test={test} />}
      </span>
    </span>
  );
}

function Result({ test: { ok, latencyMs, error } }: { readonly test: TargetTest }) {
  if (ok === null) return <span class="muted">{t('health.notTested')}</span>;
  if (ok) return <span class="muted">{t('health.answered', { time: duration(latencyMs) })}</span>;
  return <span class="field-error">{error}</span>;
}
