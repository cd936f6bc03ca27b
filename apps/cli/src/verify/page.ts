import type { Verification } from '@penalty-ledger/application/verification';
import type { PackCheck } from '@penalty-ledger/evidence';
import { checkLines, damageLines } from '../terminal/check-lines.js';
import { field } from '../terminal/layout.js';
import { count } from '../terminal/words.js';
import type { Verdict } from './verdict.js';

const labelWidth = 20;

const throughAdapter =
  'The events were read through the engine’s adapter, which leaves damaged ones out; ' +
  'a SQLite file is read byte by byte.';

/** Each check in a line, then each damage with its place. */
export function verificationLines({
  holds,
  events,
  reading,
  checks,
  lateAppends,
}: Verification): string[] {
  const damages = checks.flatMap((check) => check.damages);
  return [
    ...checks.flatMap(checkLines),
    ...damages.flatMap(damageLines),
    ...lateAppendLines(lateAppends),
    '',
    ...(reading === 'adapter' ? [throughAdapter, ''] : []),
    holds
      ? `${count(events, 'event')}: the ledger holds.`
      : `${count(events, 'event')}: THE LEDGER DOES NOT HOLD, ${count(damages.length, 'damage')}.`,
  ];
}

/** Appends of writers whose term had ended: a breach of the lease, and no damage. */
export function lateAppendLines(late: Verification['lateAppends']): string[] {
  if (late.length === 0) return [];
  return [
    '',
    `${count(late.length, 'late append')} on the engine, not in the ledger:`,
    ...late.map(
      ({ stream, id, type, position, term, during }) =>
        `  ${type} ${id}, stream ${stream}, position ${position}: sent in term ${term}, ` +
        `stored in term ${during}`,
    ),
  ];
}

/** The content of a file and its signers, or the step that failed. */
export function verdictLines({ kind, holds, found, problem, message, checks }: Verdict): string[] {
  if (checks !== undefined) return packLines(checks, holds);
  if (!holds) return field(`FAIL  ${kind}`, `${problem ?? ''}: ${message ?? ''}`, { labelWidth });
  return [
    ...field(`ok    ${kind}`, 'holds', { labelWidth }),
    ...found.flatMap(([label, text]) => field(`      ${label}`, text, { labelWidth })),
  ];
}

const resultWords = { holds: 'ok', fails: 'FAIL', unchecked: 'no' } as const;

/** Each step of an evidence pack in a line. */
function packLines(checks: readonly PackCheck[], holds: boolean): string[] {
  return [
    ...checks.flatMap(({ step, result, problem, message }) =>
      field(
        `${resultWords[result].padEnd(5)} ${step}`,
        result === 'fails'
          ? `${problem ?? ''}: ${message}`
          : result === 'holds'
            ? message
            : `not checked: ${message}`,
        { labelWidth },
      ),
    ),
    '',
    holds ? 'The evidence pack holds.' : 'THE EVIDENCE PACK DOES NOT HOLD.',
  ];
}
