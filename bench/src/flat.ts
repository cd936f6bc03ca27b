import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openReader, type LedgerWriter } from '@penalty-ledger/application';
import { instantOf, type CommandLine, type Instant } from '@penalty-ledger/ledger';
import type { Study } from './harness.js';
import { lineOf, openLedger } from './sample.js';

/** Events of an agency; each is compared with the first. */
const sizes = [10, 60, 1000] as const;
type Standing = 'active' | 'expulsion pending';

/** A balance lists every deduction, so that its cost has a part for each. */
const paths = ['command, warm', 'command, cold', 'balance, warm', 'balance, cold'] as const;
type Path = (typeof paths)[number];

const now = instantOf(Date.UTC(2019, 5, 1));
const admittedAt = instantOf(Date.UTC(2008, 0, 2));
const firstYear = 2009;
/** Before 2019, so that its own deductions never reach the threshold. */
const years = 10;
const batch = 1000;

/**
 * The cost of a command and of a balance by the size of the agency's history. Warm: what the agency
 * was asked before is kept. Cold: the first of each agency after an opening.
 *
 * @param agencies of each size
 */
export function flat(agencies: number): Study {
  return {
    name: 'flat: command and balance by size of history',
    explanation:
      `${String(agencies)} agencies of each size, with deductions over ten years, in one ledger ` +
      'of each standing; microseconds of processor time in all threads, and how much more than ' +
      `that of ${String(sizes[0])} events. A command is a durable RecordDeduction, one after the ` +
      'other. A balance has a line for each deduction. Target: 1.3 at most',
    study: async (folder, say) => {
      const rows: string[] = [];
      for (const standing of ['active', 'expulsion pending'] as const) {
        const place = join(folder, standing.replace(' ', '-'));
        const found = await costs(place, agencies, standing);
        for (const path of paths) {
          const each = found.get(path) ?? [];
          const cells = each.map((us) => `${us.toFixed(0)} (${(us / (each[0] ?? us)).toFixed(2)})`);
          rows.push(`| ${path} | ${standing} | ${cells.join(' | ')} |`);
          say(rows.at(-1) ?? '');
        }
      }
      const heads = sizes.map((size) => `${size.toLocaleString('en')} events`);
      return [
        `| path | standing | ${heads.join(' | ')} |`,
        `| --- | --- | ${sizes.map(() => '---').join(' | ')} |`,
        ...rows,
      ].join('\n');
    },
  };
}

async function costs(
  folder: string,
  agencies: number,
  standing: Standing,
): Promise<ReadonlyMap<Path, readonly number[]>> {
  mkdirSync(folder, { recursive: true });
  await write(folder, agencies, standing);
  const found = new Map<Path, number[]>(paths.map((path) => [path, []]));
  const note = async (path: Path, work: () => Promise<void>): Promise<void> => {
    const from = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(from);
    found.get(path)?.push((user + system) / agencies);
  };

  const ledger = await openLedger(folder);
  const pass = (size: number, name: string): Promise<void> =>
    each(agencies, (agency) =>
      accepted(ledger, [deduction(idOf(size, agency), name, now)].map(lineOf)),
    );
  await pass(warmUp, 'w1');
  for (const [number, size] of sizes.entries())
    await note('command, cold', () => pass(size, `c${String(number)}`));
  await pass(sizes[0], 'w2');
  for (const [number, size] of sizes.entries())
    await note('command, warm', () => pass(size, `d${String(number)}`));
  await ledger.close();

  const opened = await openReader(`sqlite:${join(folder, 'ledger.db')}`);
  const ask = (size: number): Promise<void> =>
    each(agencies, async (agency) => {
      const answer = await opened.reader.answer({
        query: 'balance',
        agencyId: idOf(size, agency),
      });
      if ('error' in answer) throw new Error(answer.error);
    });
  for (let round = 0; round < 10; round += 1) await ask(warmUp);
  for (const size of sizes) await note('balance, cold', () => ask(size));
  for (const size of sizes) await note('balance, warm', () => ask(size));
  await opened.close();
  return found;
}

/** A size that is not measured: its agencies are used until the program is compiled. */
const warmUp = 11;

async function write(folder: string, agencies: number, standing: Standing): Promise<void> {
  const ledger = await openLedger(folder);
  let lines: unknown[] = [];
  for (const size of [...sizes, warmUp])
    for (let agency = 0; agency < agencies; agency += 1)
      for (const line of linesOf(idOf(size, agency), size, standing)) {
        lines.push(line);
        if (lines.length < batch) continue;
        await accepted(ledger, lines.map(lineOf));
        lines = [];
      }
  await accepted(ledger, lines.map(lineOf));
  await ledger.close();
}

const idOf = (size: number, agency: number): string => `a${String(size)}-${String(agency)}`;

/** An admission and deductions, so many lines as events are wanted. */
function* linesOf(agencyId: string, events: number, standing: Standing): Generator {
  const data = { agencyId, name: '杭州云帆文化传媒有限公司', effectiveAt: admittedAt };
  yield { command: 'AdmitAgency', data };
  const deductions = events - (standing === 'active' ? 1 : 3);
  for (let index = 0; index < deductions; index += 1) {
    const day = Math.floor((index * years * 365) / deductions);
    yield deduction(agencyId, String(index), instantOf(Date.UTC(firstYear, 0, 2 + day)));
  }
  if (standing === 'active') return;
  yield deduction(agencyId, 'pending', now, 120);
}

function deduction(agencyId: string, name: string, at: Instant, points = 1): unknown {
  return {
    command: 'RecordDeduction',
    data: {
      ...{ deductionId: `${agencyId}.${name}`, agencyId, points },
      clause: 'improper-operation',
      ...{ occurredAt: at, effectiveAt: at },
      notice: { text: '机构运营不当，依据规则扣1分。' },
    },
  };
}

async function accepted(ledger: LedgerWriter, lines: readonly CommandLine[]): Promise<void> {
  const outcomes = await ledger.handleAll(lines.map((line) => ({ line, now })));
  for (const { status, message } of outcomes)
    if (status !== 'accepted') throw new Error(message?.en ?? status);
}

async function each(count: number, act: (index: number) => Promise<void>): Promise<void> {
  for (let index = 0; index < count; index += 1) await act(index);
}
