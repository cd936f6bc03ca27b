import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import {
  checkOf,
  closed,
  enumOf,
  sentence,
  UtcInstantSchema,
  type Sentence,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';

/** The states of a copy that follows: reading what is there, waiting for more, or cut off. */
export type FollowState = FollowStatus['state'];

/** A copy's progress, as of `at`. */
export type FollowStatus = Omit<KeptStatus, 'reason'> & { readonly reason?: Sentence };

/** The status as its file has it: the reason in both languages, for whoever reads it. */
type KeptStatus = Shape<typeof KeptStatusSchema>;
const KeptStatusSchema = closed({
  source: Type.String(),
  state: enumOf(['catching_up', 'following', 'source_away', 'stopped']),
  reason: Type.Optional(
    closed(
      { en: Type.String(), zh: Type.String() },
      { description: 'for which the source is away, or the copy stopped' },
    ),
  ),
  at: UtcInstantSchema,
  events: Type.Integer({ minimum: 0, description: 'durable in the copy' }),
  recordedAt: Type.Optional(Type.String({ description: 'of the last of them' })),
  sourceEvents: Type.Integer({ minimum: 0, description: 'at the source, when it last answered' }),
  sourceAt: Type.Optional(Type.String({ description: 'the last answer, by our clock' })),
  behindEvents: Type.Integer({ minimum: 0 }),
  behindSeconds: Type.Number({
    minimum: 0,
    description: 'since the copy last held every event that the source had',
  }),
  verifiedUpTo: Type.Integer({ minimum: 0, description: 'events in the last checkpoint proved' }),
});

const checkStatus = checkOf(KeptStatusSchema, 'status');

/** The file that a following process keeps up to date, for others to look at. */
export function statusFileOf(eventsFile: string): string {
  return `${eventsFile.replace(/\.(?:db|sqlite3?)$/, '')}.following.json`;
}

/** Writes the status in one step; a reader sees the one before or this one. */
export function writeStatus(path: string, status: FollowStatus): void {
  const part = `${path}.part`;
  const { reason, ...rest } = status;
  const kept: KeptStatus = {
    ...rest,
    ...(reason !== undefined && { reason: { en: reason.en, zh: reason.zh } }),
  };
  writeFileSync(part, `${JSON.stringify(kept)}\n`, { mode: 0o600 });
  renameSync(part, path);
}

/** Reads the status; `undefined` when there is none that can be read. */
export function readStatus(path: string): FollowStatus | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (checkStatus(value).length > 0) return undefined;
    const { reason, ...status } = value as KeptStatus;
    return { ...status, ...(reason !== undefined && { reason: sentence(reason) }) };
  } catch {
    return undefined;
  }
}
