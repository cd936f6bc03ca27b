import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  applyLines,
  importRules,
  ledgerZone,
  openLedger,
  openReader,
  readLines,
  readSheet,
  timeZoneDataVersion,
  type Answer,
  type LedgerQuery,
  type OpenedLedger,
  type ReadText,
  type SheetFormat,
} from '@penalty-ledger/application';
import { writeZip, zipEntry } from '@penalty-ledger/evidence';
import { instantOf, LedgerZone, type Instant } from '@penalty-ledger/ledger';
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
function* sessionLines(sessions: number) {
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

function apply(chunks: readonly Buffer[], opened: OpenedLedger): Promise<void> {
  return applyAll(readLines(inTurn(chunks)), opened);
}

async function applyAll(
  lines: AsyncIterable<readonly ReadText[]>,
  { send }: OpenedLedger,
): Promise<void> {
  for await (const batch of applyLines(lines, importRules(clock), { send }))
    for (const { outcome } of batch)
      if (outcome.status !== 'accepted') throw new Error(outcome.message?.en);
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

/**
 * The same month from a spreadsheet: its bytes in memory, times of the wall clock, sales in yuan.
 * The baseline is the same import from NDJSON.
 */
export function sheetImport(format: SheetFormat, sessions: number): Case {
  const imported = async (
    folder: string,
    lines: () => AsyncIterable<readonly ReadText[]> | Promise<AsyncIterable<readonly ReadText[]>>,
  ) => {
    const opened = await open(folder);
    await apply(fileOf(rosterLines()), opened);
    await opened.ledger.settle();
    const measured = await timed(sessions, async () => {
      await applyAll(await lines(), opened);
      await opened.ledger.settle();
    });
    await opened.close();
    return measured;
  };
  return {
    name: `import ${sessions.toLocaleString('en')} sessions from ${format}`,
    explanation:
      'ours: rows of a spreadsheet, from the bytes of the file to durable events and read ' +
      'models; raw: the same import from NDJSON. Target: half of it',
    target: 1 / 2,
    ours(folder) {
      const file = format === 'csv' ? csvOf(sessions) : workbookOf(sessions);
      const zone = new LedgerZone(ledgerZone, timeZoneDataVersion);
      return imported(folder, async () => {
        const sheet = await readSheet(inTurn(file), { format, zone });
        return sheet.open().rows;
      });
    },
    raw(folder) {
      const file = fileOf(sessionLines(sessions));
      return imported(folder, () => readLines(inTurn(file)));
    },
  };
}

const titles = [
  ...['场次ID', '达人ID', '开播时间', '下播时间', '内容类目', '销售额(元)', '新增粉丝'],
  '观看',
];

function* sheetRows(sessions: number): Generator<readonly [...string[], number, number]> {
  const zone = new LedgerZone(ledgerZone, timeZoneDataVersion);
  const local = (instant: Instant): string => zone.format(instant).slice(0, 19).replace('T', ' ');
  for (const line of sessionLines(sessions)) {
    const { data } = line;
    const sales = data.sales
      .map(({ vertical, amountFen }) => `${vertical}=${(amountFen / 100).toFixed(2)}`)
      .join(';');
    yield [
      ...[data.sessionId, data.creatorId, local(data.startedAt), local(data.endedAt)],
      ...[data.contentVertical, sales],
      data.newFollowers,
      data.views,
    ];
  }
}

function csvOf(sessions: number): Buffer[] {
  const chunks: Buffer[] = [];
  let rows = [titles.join(',')];
  for (const row of sheetRows(sessions)) {
    rows.push(row.join(','));
    if (rows.length < linesOfChunk) continue;
    chunks.push(Buffer.from(`${rows.join('\n')}\n`));
    rows = [];
  }
  return [...chunks, Buffer.from(rows.join('\n'))];
}

/** A workbook of one sheet whose texts stand in their cells. */
function workbookOf(sessions: number): Buffer[] {
  const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const relation = (type: string, target: string): string =>
    `<Relationships><Relationship Id="r1" Type="${relations}/${type}" Target="${target}"/>` +
    '</Relationships>';
  const rows: string[] = [];
  const cell = (value: number | string, column: number): string => {
    const ref = `${String.fromCharCode(65 + column)}${String(rows.length + 1)}`;
    return typeof value === 'number'
      ? `<c r="${ref}"><v>${String(value)}</v></c>`
      : `<c r="${ref}" t="inlineStr"><is><t>${value}</t></is></c>`;
  };
  for (const row of [titles, ...sheetRows(sessions)])
    rows.push(`<row r="${String(rows.length + 1)}">${row.map(cell).join('')}</row>`);
  const parts = {
    '_rels/.rels': relation('officeDocument', 'xl/workbook.xml'),
    'xl/workbook.xml':
      `<workbook xmlns:r="${relations}"><sheets>` +
      '<sheet name="a" r:id="r1"/></sheets></workbook>',
    'xl/_rels/workbook.xml.rels': relation('worksheet', 'sheet.xml'),
    'xl/sheet.xml': `<worksheet><sheetData>${rows.join('')}</sheetData></worksheet>`,
  };
  const entries = Object.entries(parts).map(([name, xml]) => zipEntry(name, Buffer.from(xml)));
  return [Buffer.from(writeZip(entries))];
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
