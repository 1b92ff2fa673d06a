import { OpenCalls } from './open-calls.js';

/** How a format of an API writes turns, calls of tools and their results. */
export interface TurnForm<Message, Block> {
  /** True: a message of the model; false: one of the user; undefined: one that belongs to neither. */
  isModel(message: Message): boolean | undefined;
  blocksOf(message: Message): readonly Block[];
  /** A message with other blocks; without one, a new message of the user. */
  withBlocks(message: Message | undefined, blocks: Block[]): Message;
  /** What a call is found by; undefined: the block is none. */
  called(block: Block): Named | undefined;
  /** What a result looks for; undefined: the block is none. */
  answers(block: Block): Named | undefined;
  /** Stands for the result of a call. */
  stub(call: Block): Block;
  /** A result whose call is not there, in words. */
  told(result: Block, message: number, block: number): readonly Block[];
}

interface Named {
  readonly id?: unknown;
  readonly name?: unknown;
}

interface Call<Block> extends Named {
  readonly block: Block;
  result?: Block;
}

/**
 * The conversation with each result in the turn behind its call, as providers want it: one that comes late is moved there, a call
 * without one gets a stand-in, and one whose call is gone is told in words. The same list where nothing has to change; the
 * same conversation always becomes the same messages, so that prompt caches hold.
 *
 * Sources: Anthropic docs, tool use, handling results; ai.google.dev, "Function calling".
 */
export function pairedTurns<Message, Block>(messages: Message[], form: TurnForm<Message, Block>): Message[] {
  const { turns, lost, isPaired } = turnsOf(messages, form);
  if (isPaired) return messages;
  const paired: Message[] = [];
  let owed: Block[] = [];
  messages.forEach((message, index) => {
    const isModel = form.isModel(message);
    if (isModel) owed.push(...(turns.get(index) ?? []).map(({ block, result }) => result ?? form.stub(block)));
    if (isModel !== false) {
      paired.push(message);
      return;
    }
    const blocks = form.blocksOf(message);
    const others = blocks.flatMap((block, at) => {
      if (!form.answers(block)) return [block];
      return lost.has(block) ? form.told(block, index, at) : [];
    });
    const said = [...owed, ...others];
    owed = [];
    if (said.length > 0) paired.push(form.withBlocks(message, said));
    else if (blocks.length === 0) paired.push(message);
  });
  return owed.length > 0 ? [...paired, form.withBlocks(undefined, owed)] : paired;
}

/** The calls of each turn of the model by the index of its first message, and the results without a call. */
function turnsOf<Message, Block>(messages: readonly Message[], form: TurnForm<Message, Block>) {
  const turns = new Map<number, Call<Block>[]>();
  const lost = new Set<Block>();
  const open = new OpenCalls<Call<Block>>();
  let calls: Call<Block>[] = [];
  let inTurn = false;
  let inPlace = true;
  messages.forEach((message, index) => {
    const isModel = form.isModel(message);
    if (isModel === undefined) return;
    if (isModel && !inTurn) {
      calls = [];
      turns.set(index, calls);
      open.startTurn();
    }
    inTurn = isModel;
    for (const block of form.blocksOf(message)) {
      const named = isModel ? form.called(block) : form.answers(block);
      if (!named) continue;
      if (isModel) {
        const call = { id: named.id, name: named.name, block };
        calls.push(call);
        open.add(call.id, call);
        open.add(call.name, call);
        continue;
      }
      const call = callFor(named, open);
      if (call) call.result = block;
      else lost.add(block);
      inPlace &&= call !== undefined && calls.includes(call);
    }
  });
  const answered = [...turns.values()].every((made) => made.every(({ result }) => result !== undefined));
  return { turns, lost, isPaired: inPlace && answered };
}

/** By id, else by name where the call or the result has no id: some clients make up ids. */
function callFor<Block>({ id, name }: Named, open: OpenCalls<Call<Block>>): Call<Block> | undefined {
  let call = id === undefined ? undefined : open.take(id);
  if (call && !call.result) return call;
  do call = open.take(name);
  while (call && (call.result || (call.id !== undefined && id !== undefined)));
  return call;
}
