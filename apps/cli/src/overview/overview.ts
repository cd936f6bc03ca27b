import { existsSync, statSync } from 'node:fs';
import { openReader, type Deadline } from '@penalty-ledger/application';
import { locationOf } from '@penalty-ledger/application/store-url';
import type { Instant, LedgerSettings } from '@penalty-ledger/ledger';

/** The ledger that a command line is about, in short. */
export interface Overview {
  readonly url: string;
  /** The bytes of its events; `undefined` where they are on an engine. */
  readonly bytes: number | undefined;
  readonly settings: LedgerSettings;
  readonly agencies: number;
  /** The time at which the last act on an agency was recorded. */
  readonly lastRecordedAt: string | undefined;
  /** The next deadlines, the nearest first, with their instants in the ledger's zone. */
  readonly due: readonly (Pick<Deadline, 'agencyId' | 'kind'> & { readonly at: string })[];
}

const agenciesAtOnce = 1_000;
const deadlinesShown = 5;

/** Looks at the ledger in a store; `undefined` where a file of it does not exist yet. */
export async function overviewOf(url: string): Promise<Overview | undefined> {
  const location = locationOf(url);
  const file = location.engine === 'sqlite' ? location.events : undefined;
  if (file !== undefined && !existsSync(file)) return undefined;
  const opened = await openReader(url);
  try {
    const { reader } = opened;
    const deadlines = await reader.deadlines();
    let agencies = 0;
    let last: Instant | undefined;
    for (let page = reader.agencyMarks('', agenciesAtOnce); page.length > 0;) {
      for (const { lastRecordedAt } of page)
        if (last === undefined || last < lastRecordedAt) last = lastRecordedAt;
      agencies += page.length;
      page = reader.agencyMarks(page.at(-1)?.agencyId ?? '', agenciesAtOnce);
    }
    return {
      url: location.url,
      bytes: file === undefined ? undefined : statSync(file).size,
      settings: reader.settings,
      agencies,
      lastRecordedAt: last === undefined ? undefined : reader.zone.format(last),
      due:
        'error' in deadlines
          ? []
          : deadlines
              .filter(({ overdue }) => overdue === undefined)
              .slice(0, deadlinesShown)
              .map(({ agencyId, at, kind }) => ({ agencyId, kind, at: reader.zone.format(at) })),
    };
  } finally {
    await opened.close();
  }
}
