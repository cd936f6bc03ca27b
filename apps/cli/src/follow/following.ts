import { existsSync } from 'node:fs';
import {
  copyDetailsOf,
  followLedger,
  nothingCopied,
  readStatus,
  sqliteLocationOf,
  statusFileOf,
  type FollowStatus,
} from '@penalty-ledger/application/following';
import { systemClock } from '@penalty-ledger/application/clock';
import { openExistingStore } from '@penalty-ledger/application/open-store';
import { custodyOf, CustodyError, StoreUnavailableError } from '@penalty-ledger/event-store';
import { parseVerifierKey } from '@penalty-ledger/merkle-log';
import { hostname } from 'node:os';
import { UsageError } from '../terminal/exit-codes.js';
import { note } from '../terminal/io.js';
import { messageOf } from '../terminal/reason.js';
import { stateLine } from './page.js';
import { connectionTo, textOf, type SourceFiles } from './source-files.js';

export interface FollowRequest extends SourceFiles {
  readonly url: string;
  readonly to: string;
  readonly name?: string | undefined;
  readonly key?: string | undefined;
  readonly withKeys?: boolean | undefined;
  readonly once: boolean;
}

/** The longest age of a status that a running process keeps up to date. */
const freshSeconds = 15;

/** Follows a service until SIGINT or SIGTERM, and tells each change of state. */
export async function follow(request: FollowRequest): Promise<FollowStatus> {
  const { url, to, once } = request;
  const source = connectionTo(url, request);
  const ended = new AbortController();
  const end = (): void => ended.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  try {
    return await followLedger({
      source,
      to,
      once,
      withKeys: request.withKeys ?? false,
      name: request.name ?? defaultName(),
      key: request.key === undefined ? undefined : keyIn(request.key),
      signal: ended.signal,
      onChange: (status) => note(stateLine(status)),
    });
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end);
    source.close();
  }
}

/** The status of a copy, and its age in seconds. */
export interface NotedStatus {
  readonly status: FollowStatus;
  readonly ageSeconds: number;
  /** True while a process keeps it up to date. */
  readonly isFresh: boolean;
}

/**
 * Reads the status that the following process noted.
 *
 * @throws StoreUnavailableError without a copy, or before its first contact; CustodyError when the
 *   file is no copy
 */
export async function notedStatus(to: string): Promise<NotedStatus> {
  const location = sqliteLocationOf(to);
  if (!existsSync(location.events)) throw nothingCopied(location.events);
  const store = await openExistingStore(location, { access: 'read' });
  try {
    const custody = custodyOf(store);
    if (custody === undefined && (await store.head()) === undefined)
      throw nothingCopied(location.events);
    if (custody?.role !== 'follower')
      throw new CustodyError(location.events, custody?.role ?? 'writer', custody?.other ?? '');
    copyDetailsOf(custody);
  } finally {
    await store.close();
  }
  const status = readStatus(statusFileOf(location.events));
  if (status === undefined)
    throw new StoreUnavailableError(
      `"${statusFileOf(location.events)}" does not hold a status: start "ledger follow"`,
    );
  const ageSeconds = Math.max(0, (Date.parse(systemClock.now()) - Date.parse(status.at)) / 1_000);
  return { status, ageSeconds, isFresh: status.state !== 'stopped' && ageSeconds <= freshSeconds };
}

/** The name of this machine, in the characters that a follower's name may have. */
function defaultName(): string {
  return (
    hostname()
      .replaceAll(/[^A-Za-z0-9._-]/g, '-')
      .slice(0, 64) || 'follower'
  );
}

/** A verifier key: the text itself, or the file that holds it. @throws UsageError */
function keyIn(given: string): string {
  const text = (existsSync(given) ? textOf('--key', given) : given).trim();
  try {
    parseVerifierKey(text);
    return text;
  } catch (error) {
    throw new UsageError(
      `--key: ${messageOf(error)}`,
      '"ledger keys" prints the key at the source',
    );
  }
}
