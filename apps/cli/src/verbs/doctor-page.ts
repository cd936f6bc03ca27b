import type { Diagnosis } from '../examining.js';
import { field } from '../text/layout.js';

/** `ok    events     12 events, 3 streams; every hash and chain holds`, with a hint under it when there is one. */
export function diagnosisLines({ status, check, found, hint }: Diagnosis): string[] {
  return [
    ...field(`${status.padEnd(5)} ${check}`, found, { labelWidth: 20 }),
    ...(hint === undefined ? [] : field('', `→ ${hint}`, { labelWidth: 20 })),
  ];
}
