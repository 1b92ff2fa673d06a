import { useEffect, useRef, useState } from 'preact/hooks';
import { errorText } from '../format.js';
import { type Ask, ask, type Message } from './stream.js';
import type { Turn } from './turn.js';

/** A conversation, and the ways to go on with it. */
export type Chat = ReturnType<typeof useChat>;

/** What a model is sent after these turns. */
export function messagesOf(turns: readonly Turn[], system: string): Message[] {
  return [
    ...(system.trim() ? [{ role: 'system' as const, content: system }] : []),
    ...turns.filter(({ content, error }) => content !== '' && !error).map(({ role, content }) => ({ role, content })),
  ];
}

/** A conversation that streams; leaving the page stops the answer. */
export function useChat() {
  const [turns, setTurns] = useState<readonly Turn[]>([]);
  const [running, setRunning] = useState<AbortController>();
  const last = useRef<AbortController>(undefined);
  useEffect(() => () => last.current?.abort(), []);

  const send = async (prompt: string, system: string, settings: Omit<Ask, 'messages'>) => {
    const abort = new AbortController();
    last.current = abort;
    setRunning(abort);
    const asked: Turn = { id: turns.length, role: 'user', content: prompt };
    const messages = messagesOf([...turns, asked], system);
    const change = (to: (turn: Turn) => Turn) =>
      setTurns((all) => all.map((turn, i) => (i === all.length - 1 ? to(turn) : turn)));
    setTurns((all) => [...all, asked, { id: asked.id + 1, role: 'assistant', content: '', model: settings.model }]);
    try {
      const add = (piece: string) => change((turn) => ({ ...turn, content: turn.content + piece }));
      const facts = await ask({ ...settings, messages }, add, abort.signal);
      change((turn) => ({ ...turn, facts }));
    } catch (error) {
      change((turn) => (abort.signal.aborted ? { ...turn, stopped: true } : { ...turn, error: errorText(error) }));
    }
    setRunning(undefined);
  };
  return { turns, running: running !== undefined, send, stop: () => running?.abort(), clear: () => setTurns([]) };
}
