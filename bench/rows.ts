import { CASES, type Case } from './cases.js';
import type { Effort } from './measure.js';
import { FLOOR, FRAMEWORKS, INSIDE, NODE, type SubjectKind } from './subjects.js';

/** What is measured, with what it is compared with. */
export interface Row {
  readonly kind: SubjectKind;
  readonly floor: SubjectKind;
  /** The most that it may cost, as a multiple of its floor. */
  readonly target?: number;
}

/** Rows whose processes are measured side by side. */
export interface Group {
  readonly one: Case;
  readonly rows: readonly Row[];
  /** How many fresh ones of each. */
  readonly processes: number;
  readonly effort: Effort;
}

const json: Effort = {
  firsts: [1_000, 10_000],
  settlingRounds: 4,
  rounds: 6,
  roundSeconds: 0.5,
  aloneSeconds: 0.7,
};
/** The first hundred thousand are what makes it warm. */
const jsonInFull: Effort = { ...json, firsts: [1_000, 10_000, 100_000], settlingRounds: 0 };
/** Rounds long enough for some 300 streams. */
const stream: Effort = { ...json, firsts: [1_000], settlingRounds: 4, rounds: 6, roundSeconds: 0.8, aloneSeconds: 2 };
const burst: Effort = { ...stream, firsts: [1_000, 10_000], roundSeconds: 0.6, aloneSeconds: 1.5 };
/** A stream takes longer than a second. */
const paced: Effort = { ...stream, firsts: [], settlingRounds: 2, rounds: 5, roundSeconds: 1 };

const onNode = (target?: number): readonly Row[] => [{ kind: NODE, floor: FLOOR, ...(target && { target }) }];
const onFrameworks: readonly Row[] = FRAMEWORKS.flatMap(([floor, kind]) => [
  { kind: floor, floor: FLOOR },
  { kind, floor, target: 1.15 },
]);

export const GROUPS: readonly Group[] = [
  { one: CASES.json, rows: onNode(1.25), processes: 8, effort: jsonInFull },
  { one: CASES.json, rows: onFrameworks, processes: 2, effort: json },
  { one: CASES.json, rows: [{ kind: INSIDE, floor: FLOOR }], processes: 2, effort: json },
  { one: CASES.jsonAnthropic, rows: onNode(1.6), processes: 2, effort: json },
  { one: CASES.jsonGemini, rows: onNode(1.6), processes: 2, effort: json },
  { one: CASES.jsonMessages, rows: onNode(), processes: 2, effort: json },
  { one: CASES.jsonResponses, rows: onNode(), processes: 2, effort: json },
  { one: CASES.longPrompt, rows: onNode(), processes: 2, effort: json },
  { one: CASES.stream, rows: onNode(), processes: 2, effort: stream },
  { one: CASES.streamAnthropic, rows: onNode(), processes: 1, effort: stream },
  { one: CASES.streamGemini, rows: onNode(), processes: 1, effort: stream },
  { one: CASES.streamMessages, rows: onNode(), processes: 1, effort: stream },
  { one: CASES.streamResponses, rows: onNode(), processes: 1, effort: stream },
  { one: CASES.burst, rows: onNode(), processes: 2, effort: burst },
  { one: CASES.burst, rows: onFrameworks, processes: 1, effort: burst },
  { one: CASES.burstAnthropic, rows: onNode(), processes: 1, effort: burst },
  { one: CASES.burstGemini, rows: onNode(), processes: 1, effort: burst },
  { one: CASES.paced, rows: onNode(), processes: 1, effort: paced },
];

/** Enough to see that it runs. */
export function tiny({ firsts }: Effort): Effort {
  return {
    firsts: firsts.map((first) => first / 100),
    settlingRounds: 0,
    rounds: 1,
    roundSeconds: 0.05,
    aloneSeconds: 0.05,
  };
}

/** All kinds of a group, each once, its floor first. */
export function kindsOf({ rows }: Group): SubjectKind[] {
  return [...new Set([FLOOR, ...rows.flatMap(({ floor, kind }) => [floor, kind])])];
}
