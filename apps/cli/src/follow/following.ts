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
import { formatVerifierKey } from '@penalty-ledger/merkle-log';
import { hostname } from 'node:os';
import type { FilesElsewhere } from '@penalty-ledger/application/store-url';
import { note } from '../terminal/io.js';
import { startProgress, type Progress } from '../terminal/progress.js';
import { readKeys } from '../terminal/verifier-keys.js';
import { stateLine } from './page.js';
import { connectionTo, type SourceFiles } from './source-files.js';
import { said } from '../terminal/language.js';

export interface FollowRequest extends SourceFiles {
  readonly url: string;
  readonly to: string;
  readonly name?: string | undefined;
  readonly key?: readonly string[] | undefined;
  readonly withKeys?: boolean | undefined;
  readonly elsewhere: FilesElsewhere;
  readonly once: boolean;
}

/** The longest age of a status that a running process keeps up to date. */
const freshSeconds = 15;

/** Follows a service until SIGINT or SIGTERM, and tells each change of state. */
export async function follow(request: FollowRequest): Promise<FollowStatus> {
  const { url, to, once } = request;
  const source = connectionTo(url, request);
  const bar = new CatchUpBar();
  const ended = new AbortController();
  const end = (): void => ended.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  try {
    return await followLedger({
      source,
      to,
      once,
      elsewhere: request.elsewhere,
      withKeys: request.withKeys ?? false,
      name: request.name ?? defaultName(),
      keys: request.key === undefined ? undefined : readKeys(request.key).map(formatVerifierKey),
      signal: ended.signal,
      onStep: (step) =>
        note(
          step === 'opening'
            ? said(`opening ${to}`, `正在打开 ${to}`)
            : said(`connecting to ${url}`, `正在连接 ${url}`),
        ),
      onPage: bar.update,
      onChange: (status) => {
        bar.stop();
        note(stateLine(status));
      },
    });
  } finally {
    bar.stop();
    process.off('SIGINT', end).off('SIGTERM', end);
    source.close();
  }
}

/** A bar on a terminal while a copy is behind its source. */
class CatchUpBar {
  #shown: { readonly progress: Progress; readonly from: number } | undefined;

  readonly update = ({ state, events, sourceEvents }: FollowStatus): void => {
    if (state !== 'catching_up' || events >= sourceEvents) {
      this.stop();
      return;
    }
    const options = {
      label: said('catch up', '追赶'),
      unit: said('events', '事件'),
      total: sourceEvents,
    } as const;
    this.#shown ??= { progress: startProgress(options), from: events };
    this.#shown.progress.update(events, events - this.#shown.from);
  };

  stop(): void {
    this.#shown?.progress.stop();
    this.#shown = undefined;
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
    throw new StoreUnavailableError({
      en: `"${statusFileOf(location.events)}" does not hold a status: start "ledger follow"`,
      zh: `"${statusFileOf(location.events)}" 中没有状态：请启动 "ledger follow"`,
    });
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
