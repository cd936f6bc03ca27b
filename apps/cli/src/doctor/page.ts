import type { Diagnosis } from './diagnosis.js';
import { field, widthOf } from '../terminal/layout.js';

const labelWidth = 20;

/** `ok    events     12 events, 3 streams; every hash and chain holds`, and a hint under it. */
export function diagnosisLines({ status, check, found, hint }: Diagnosis): string[] {
  const label = `${status.padEnd(5)} ${check}`;
  // An alarm's code is wider than the column, and would touch what was found.
  const isWide = widthOf(label) >= labelWidth;
  return [
    ...(isWide
      ? [label, ...field('', found, { labelWidth })]
      : field(label, found, { labelWidth })),
    ...(hint === undefined ? [] : field('', `→ ${hint}`, { labelWidth })),
  ];
}
