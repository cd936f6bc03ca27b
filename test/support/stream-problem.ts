import {
  chainDefect,
  leafHashOf,
  readEnvelope,
  type EventProblem,
  type EventEnvelope,
} from '@penalty-ledger/ledger';

/** The step of "Verification" in docs/spec/event.md at which a record fails. */
export type Problem = 'leaf_hash' | EventProblem;

export interface VectorRecord {
  readonly body: string;
  readonly leafHash: string;
}

/** Takes the steps of "Verification"; returns the first failure, or `undefined`. */
export function problemOfStream(
  ledgerId: string,
  stream: string,
  records: readonly VectorRecord[],
): { readonly at: number; readonly problem: Problem } | undefined {
  const events: { readonly event: EventEnvelope; readonly leafHash: string }[] = [];
  let unread: Problem | undefined;
  for (const { body, leafHash } of records) {
    const event = readEnvelope(body);
    if (leafHashOf(body) !== leafHash) unread = 'leaf_hash';
    else if ('problem' in event) unread = event.problem;
    else events.push({ event, leafHash });
    if (unread !== undefined) break;
  }
  const broken = chainDefect(events, stream, ledgerId);
  if (broken !== undefined) return { at: broken.at, problem: broken.defect.problem };
  return unread === undefined ? undefined : { at: events.length, problem: unread };
}
