import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  applyLines,
  importRules,
  openLedger,
  openReader,
  readLines,
  type Answer,
  type LedgerQuery,
  type OpenedLedger,
} from '@penalty-ledger/application';
import { instantOf, type Instant } from '@penalty-ledger/ledger';
import { DatabaseSync } from '@photostructure/sqlite';
import { timed, type Case } from './harness.js';
import { insertRaw, openRaw, rawBody, rawHash } from './sample.js';

const agencies = 1000;
const creatorsEach = 20;
const month = '2019-04';
const monthStart = Date.UTC(2019, 2, 31, 16);
const monthMs = 30 * 86_400_000;
const clock = { now: (): Instant => instantOf(Date.UTC(2019, 5, 1)) };
const linesOfChunk = 1500;

function* rosterLines(): Generator {
  for (let agency = 0; agency < agencies; agency += 1) {
    const agencyId = `a${String(agency)}`;
    yield {
      command: 'AdmitAgency',
      data: { agencyId, name: `机构${agencyId}`, effectiveAt: '2018-01-02T00:00:00+08:00' },
    };
    for (let creator = 0; creator < creatorsEach; creator += 1) {
      const creatorId = `c${String(agency)}-${String(creator)}`;
      yield {
        command: 'BindCreator',
        data: { agencyId, creatorId, effectiveAt: '2018-06-01T00:00:00+08:00' },
      };
    }
  }
}

/**
 * A month of sessions by start time, as a platform exports them: growing ids, creators in random
 * order, sales in two verticals.
 */
function* sessionLines(sessions: number): Generator {
  let random = 1;
  const next = (below: number): number => {
    random = (random * 1_103_515_245 + 12_345) & 0x7fffffff;
    return random % below;
  };
  for (let index = 0; index < sessions; index += 1) {
    const startedAt = monthStart + Math.floor((monthMs * index) / sessions);
    yield {
      command: 'RecordSession',
      data: {
        sessionId: `s${String(4_000_000_000 + index)}`,
        creatorId: `c${String(next(agencies))}-${String(next(creatorsEach))}`,
        startedAt: instantOf(startedAt),
        endedAt: instantOf(startedAt + (10 + next(120)) * 60_000),
        contentVertical: 'beauty',
        sales: [
          { vertical: 'beauty', amountFen: next(1_000_000) },
          { vertical: 'food', amountFen: next(100_000) },
        ],
        newFollowers: next(500),
        views: next(100_000),
      },
    };
  }
}

/** The bytes of an NDJSON file, made beforehand, so that making them is not measured. */
function fileOf(lines: Iterable<unknown>): Buffer[] {
  const chunks: Buffer[] = [];
  let text: string[] = [];
  for (const line of lines) {
    text.push(JSON.stringify(line));
    if (text.length < linesOfChunk) continue;
    chunks.push(Buffer.from(`${text.join('\n')}\n`));
    text = [];
  }
  if (text.length > 0) chunks.push(Buffer.from(`${text.join('\n')}\n`));
  return chunks;
}

async function* inTurn(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

async function apply(chunks: readonly Buffer[], { send }: OpenedLedger): Promise<void> {
  for await (const batch of applyLines(readLines(inTurn(chunks)), importRules(clock), { send }))
    for (const { outcome } of batch)
      if (outcome.status !== 'accepted') throw new Error(outcome.message);
}

const open = (folder: string): Promise<OpenedLedger> =>
  openLedger({ url: urlOf(folder), simulation: false, openedAt: clock.now(), clock });

const urlOf = (folder: string): string => `sqlite:${join(folder, 'ledger.db')}`;

/**
 * A month of sessions as `ledger import` takes them, from the bytes of the file to durable events
 * and read models.
 */
export function sessionImport(sessions: number): Case {
  return {
    name: `import ${sessions.toLocaleString('en')} sessions`,
    explanation:
      `ours: lines of NDJSON, ${String(agencies)} agencies with ${String(creatorsEach)} ` +
      'creators each, every rule applied, durable, in the read models; ' +
      'raw: 1,000 inserts of finished rows of 0.9 KB a transaction. Target: 20,000 a second, ' +
      'and a third of the raw loop',
    target: 1 / 3,
    async ours(folder) {
      const opened = await open(folder);
      await apply(fileOf(rosterLines()), opened);
      await opened.ledger.settle();
      const file = fileOf(sessionLines(sessions));
      const measured = await timed(sessions, async () => {
        await apply(file, opened);
        await opened.ledger.settle();
      });
      await opened.close();
      return measured;
    },
    raw(folder) {
      const database = openRaw(folder);
      const insert = database.prepare(insertRaw);
      const measured = timed(sessions, () => {
        for (let from = 0; from < sessions; from += 1000) {
          database.exec('BEGIN');
          for (let index = from; index < from + 1000; index += 1)
            insert.run(index % agencies, Math.floor(index / agencies), rawHash, rawBody);
          database.exec('COMMIT');
        }
      });
      return measured.finally(() => {
        database.close();
      });
    },
  };
}

/** A ledger with a month of so many sessions, written when it is first needed. */
async function ledgerWith(folder: string, sessions: number): Promise<string> {
  const place = join(folder, String(sessions));
  if (existsSync(place)) return place;
  mkdirSync(place, { recursive: true });
  const opened = await open(place);
  await apply(fileOf(rosterLines()), opened);
  await apply(fileOf(sessionLines(sessions)), opened);
  await opened.close();
  return place;
}

/**
 * A query of one agency in a ledger with that many sessions; its cost must not grow with the
 * sessions of others. The raw loop is the minimum for the same file, one row by its key.
 *
 * @param folder keeps the ledgers between rounds
 */
export function queryBeside(
  folder: string,
  sessions: number,
  query: LedgerQuery,
  queries: number,
): Case {
  return {
    name: `${query.query} of one agency beside ${sessions.toLocaleString('en')} sessions`,
    explanation: 'ours: the whole answer; raw: one row of the read models by its key',
    async ours() {
      const opened = await openReader(urlOf(await ledgerWith(folder, sessions)), clock);
      const answered = (answer: Answer): void => {
        if ('error' in answer) throw new Error(answer.error);
      };
      answered(await opened.reader.answer(query));
      const measured = await timed(queries, async () => {
        for (let index = 0; index < queries; index += 1)
          answered(await opened.reader.answer(query));
      });
      await opened.close();
      return measured;
    },
    async raw() {
      const place = await ledgerWith(folder, sessions);
      const database = new DatabaseSync(join(place, 'ledger.views.db'), { readOnly: true });
      const select = database.prepare('SELECT * FROM agencies WHERE agencyId = ?');
      const measured = await timed(queries, () => {
        for (let index = 0; index < queries; index += 1)
          if (select.get(`a${String(index % agencies)}`) === undefined)
            throw new Error('no such agency');
      });
      database.close();
      return measured;
    },
  };
}

/**
 * Opening a ledger of that many sessions and closing it: every page of the read models is compared
 * with its sum.
 */
export function opening(folder: string, sessions: number, openings: number): Case {
  return {
    name: `open a ledger of ${sessions.toLocaleString('en')} sessions`,
    explanation:
      'ours: everything until a query can be asked, and closing; raw: reading the bytes of the ' +
      'file of the read models',
    async ours() {
      const url = urlOf(await ledgerWith(folder, sessions));
      return timed(openings, async () => {
        for (let index = 0; index < openings; index += 1)
          await (await openReader(url, clock)).close();
      });
    },
    async raw() {
      const place = await ledgerWith(folder, sessions);
      return timed(openings, () => {
        for (let index = 0; index < openings; index += 1)
          readFileSync(join(place, 'ledger.views.db'));
      });
    },
  };
}

/** A month computed for every agency: sessions a second, beside a loop over the same rows. */
export function monthOfAll(folder: string, sessions: number): Case {
  return {
    name:
      `compute a month of ${sessions.toLocaleString('en')} sessions for ` +
      `${agencies.toLocaleString('en')} agencies`,
    explanation:
      'ours: ComputeAssessment for all, durable, sessions a second; raw: SELECT the same ' +
      'sessions in order of creator and start, counting the long ones',
    async ours() {
      const opened = await open(await ledgerWith(folder, sessions));
      const line = {
        command: 'ComputeAssessment',
        data: { month },
        commandId: `c${String(process.hrtime.bigint())}`,
      };
      const measured = await timed(sessions, () => apply(fileOf([line]), opened));
      await opened.close();
      return measured;
    },
    async raw() {
      const database = new DatabaseSync(
        join(await ledgerWith(folder, sessions), 'ledger.views.db'),
        {
          readOnly: true,
        },
      );
      const select = database.prepare(
        'SELECT sessionId, creatorId, startedAt, endedAt FROM sessions ' +
          'INDEXED BY sessionsByCreator ORDER BY creatorId, startedAt',
      );
      const measured = await timed(sessions, () => {
        let long = 0;
        for (const row of select.iterate()) {
          const { startedAt, endedAt } = row as { startedAt: string; endedAt: string };
          if (Date.parse(endedAt) - Date.parse(startedAt) >= 1_800_000) long += 1;
        }
        if (long === 0) throw new Error('no session was long enough');
      });
      database.close();
      return measured;
    },
  };
}
