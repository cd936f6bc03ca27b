import type { CheckResult, Damage } from '@penalty-ledger/application/verification';
import { field } from './layout.js';
import { count } from './words.js';

/** A check as people read it, where its name alone says too little. */
const checkWords: Readonly<Partial<Record<CheckResult['check'], string>>> = {
  outside: 'kept elsewhere',
  decisions: 'decided again',
};
const checkWidth = 22;

/** One of the things that a check counts. */
const singulars: Readonly<Partial<Record<string, string>>> = {
  'commands on agencies': 'command on agencies',
  entries: 'entry',
  'events that name one': 'event that names one',
};

/** A check, and what it looked at. */
export function checkLines({
  check,
  count: looked,
  unit,
  damages,
  notMade,
}: CheckResult): string[] {
  const status = damages.length > 0 ? 'FAIL' : notMade === undefined ? 'ok' : 'no';
  const found = [
    notMade === undefined ? counted(looked, unit) : `not checked: ${notMade}`,
    ...(damages.length > 0 ? [count(damages.length, 'damage')] : []),
  ];
  const label = `${status.padEnd(5)} ${checkWords[check] ?? check}`;
  return field(label, found.join(', '), { labelWidth: checkWidth });
}

/** `1 tile`, `12 tiles`. */
function counted(number: number, unit: string): string {
  return count(number, singulars[unit] ?? unit.replace(/s$/, ''), unit);
}

/** A damage, and its place if it has one. */
export function damageLines({ check, stream, revision, position, problem }: Damage): string[] {
  const place = [
    ...(stream === undefined ? [] : [`stream ${stream}`]),
    ...(revision === undefined ? [] : [`revision ${String(revision)}`]),
    ...(position === undefined ? [] : [`position ${String(position)}`]),
  ];
  // A problem without a place in the ledger names the thing itself.
  const [first = problem, ...rest] = place.length === 0 ? [] : [place.join(', '), problem];
  return [
    '',
    ...field(checkWords[check] ?? check, first, { labelWidth: checkWidth }),
    ...rest.flatMap((text) => field('', text, { labelWidth: checkWidth })),
  ];
}
