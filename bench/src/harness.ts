import { mkdirSync, rmSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';

/** How fast something went in one round. */
export interface Measured {
  /** Operations a second. */
  readonly rate: number;
}

/** Ours and the raw limit, measured in the same run, round by round in turn. */
export interface Case {
  readonly name: string;
  /** What one operation is, and what the raw loop does. */
  readonly explanation: string;
  /** At least this ratio, if the case has a target. */
  readonly target?: number;
  readonly ours: (folder: string) => Promise<Measured>;
  readonly raw: (folder: string) => Promise<Measured> | Measured;
}

export interface Result {
  readonly name: string;
  readonly ours: Spread;
  readonly raw: Spread;
  /** Median of the ratios within a round. */
  readonly ratio: number;
  readonly ratios: readonly number[];
  readonly target: number | undefined;
}

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** The databases lie beside the program and not in a temporary folder, which may be memory. */
const work = join(import.meta.dirname, '..', '.work');

/** Runs a case: each round measures the raw loop and ours one after the other, in fresh folders. */
export async function run(one: Case, rounds: number, say: (text: string) => void): Promise<Result> {
  const ours: number[] = [];
  const raw: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    raw.push((await inFolder('raw', async (folder) => one.raw(folder))).rate);
    ours.push((await inFolder('ours', one.ours)).rate);
    say(`${one.name}: round ${String(round + 1)} of ${String(rounds)}`);
  }
  const ratios = ours.map((rate, round) => rate / (raw[round] ?? Number.NaN));
  return {
    name: one.name,
    ours: spreadOf(ours),
    raw: spreadOf(raw),
    ratio: median(ratios),
    ratios,
    target: one.target,
  };
}

async function inFolder<T>(name: string, act: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(work, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    return await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Times `act`, which does `count` operations. */
export async function timed(count: number, act: () => Promise<void> | void): Promise<Measured> {
  const from = process.hrtime.bigint();
  await act();
  return { rate: (count * 1e9) / Number(process.hrtime.bigint() - from) };
}

function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** The machine in a line. */
export function machine(): string {
  const [processor] = cpus();
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return `${processor?.model.trim() ?? 'unknown processor'}, ${String(cpus().length)} cores, ${String(gibibytes)} GiB; ${process.platform} ${release()}; Node ${process.version}`;
}

/** The results as a Markdown table. */
export function table(results: readonly Result[]): string {
  const number = (value: number): string =>
    value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
  const spread = ({ median: middle, least, most }: Spread): string =>
    `${number(middle)} (${number(least)}–${number(most)})`;
  const rows = results.map(({ name, ours, raw, ratio, ratios, target }) => {
    const between = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
    const wanted = target === undefined ? '' : `≥ ${target.toPrecision(2)}${ratio >= target ? '' : ' (missed)'}`;
    return `| ${name} | ${spread(ours)} | ${spread(raw)} | ${ratio.toFixed(2)} (${between}) | ${wanted} |`;
  });
  return [
    '| case | ours, a second: median (least–most) | raw loop, a second | ratio | target |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}
