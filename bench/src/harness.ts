import { mkdirSync, rmSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** The speed of one round. */
export interface Measured {
  /** Operations a second. */
  readonly rate: number;
  /** The times of single operations, if each was timed. */
  readonly latency?: Latency;
  /**
   * Microseconds of processor time for an operation, in all threads of the measured process, if
   * measured.
   */
  readonly processorUs?: number;
  /** By how much the process's resident set grew at most, in MiB, where that was looked at. */
  readonly grownMiB?: number;
}

/** Milliseconds that this part of the operations took at most: half, 99 of 100, 999 of 1,000. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/** Measures in a fresh folder. */
export type Measure = (folder: string) => Promise<Measured> | Measured;

/** Ours and the raw limit, measured in the same run, round by round in turn. */
export interface Case {
  readonly name: string;
  /** Describes one operation, and the raw loop. */
  readonly explanation: string;
  /** At least this ratio, if the case has a target. */
  readonly target?: number;
  readonly ours: Measure;
  readonly raw: Measure;
  /** Further measurements of each round, by name. */
  readonly beside?: Readonly<Record<string, Measure>>;
}

/** A measurement without a raw loop, taken while work goes on. */
export interface Study {
  readonly name: string;
  readonly explanation: string;
  /** Gives its findings as a Markdown table. */
  readonly study: (folder: string, say: (text: string) => void) => Promise<string>;
}

export interface Result {
  readonly name: string;
  readonly ours: Spread;
  readonly raw: Spread;
  /** Median of the ratios within a round. */
  readonly ratio: number;
  readonly ratios: readonly number[];
  readonly target: number | undefined;
  /** Ours first, then the raw loop, then what was measured beside them. */
  readonly runners: readonly Runner[];
}

/** One of those measured in a case, over all rounds. */
export interface Runner {
  readonly name: string;
  readonly rate: Spread;
  /** Ours divided by this: the median of the rounds. */
  readonly oursToThis: number;
  /** Each the median of the rounds. */
  readonly latency: Latency | undefined;
  readonly processorUs: Spread | undefined;
  readonly grownMiB: Spread | undefined;
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The databases lie beside the program and not in a temporary folder, which may be memory. */
const work = join(import.meta.dirname, '..', '.work');

/**
 * Runs a case: each round measures the raw loop, further loops and ours in turn, in fresh folders.
 *
 * @param milliseconds a round begins only if it would end within them; the first always begins
 */
export async function run(
  one: Case,
  rounds: number,
  milliseconds: number,
  say: (text: string) => void,
): Promise<Result> {
  const measures = { raw: one.raw, ...one.beside, ours: one.ours };
  const measured = new Map<string, Measured[]>(Object.keys(measures).map((name) => [name, []]));
  const untilMs = performance.now() + milliseconds;
  let maxMs = 0;
  for (let round = 0; round < rounds; round += 1) {
    const fromMs = performance.now();
    if (round > 0 && fromMs + maxMs > untilMs) break;
    for (const [name, measure] of Object.entries(measures))
      measured.get(name)?.push(await inFolder(name, async (folder) => measure(folder)));
    const tookMs = performance.now() - fromMs;
    maxMs = Math.max(maxMs, tookMs);
    say(
      `${one.name}: round ${String(round + 1)} of ${String(rounds)} ` +
        `took ${(tookMs / 1000).toFixed(1)} s`,
    );
  }
  const of = (name: string): readonly Measured[] => measured.get(name) ?? [];
  const ratios = ratiosOf(of('ours'), of('raw'));
  return {
    name: one.name,
    ours: spreadOf(ratesOf(of('ours'))),
    raw: spreadOf(ratesOf(of('raw'))),
    ratio: median(ratios),
    ratios,
    target: one.target,
    runners: ['ours', 'raw', ...Object.keys(one.beside ?? {})].map((name) =>
      runnerOf(name, of(name), of('ours')),
    ),
  };
}

/** Fails when `work` has not ended within the time. */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  if (milliseconds === Infinity) return work;
  const end = new AbortController();
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const late = pause(milliseconds, undefined, { signal: end.signal }).then(() => {
    throw new Error(`it had not ended after ${String(seconds)} s, when the time was over`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    end.abort();
  }
}

/** Looks into something once, in a fresh folder. */
export async function lookInto(one: Study, say: (text: string) => void): Promise<string> {
  return inFolder('study', (folder) => one.study(folder, say));
}

function runnerOf(name: string, rounds: readonly Measured[], ours: readonly Measured[]): Runner {
  const latencies = rounds.flatMap(({ latency }) => latency ?? []);
  const spreadIn = (values: readonly number[]): Spread | undefined =>
    values.length === 0 ? undefined : spreadOf(values);
  const middle = (part: keyof Latency): number => median(latencies.map((latency) => latency[part]));
  return {
    name,
    rate: spreadOf(ratesOf(rounds)),
    oursToThis: median(ratiosOf(ours, rounds)),
    latency:
      latencies.length === 0
        ? undefined
        : { p50: middle('p50'), p99: middle('p99'), p999: middle('p999') },
    processorUs: spreadIn(rounds.flatMap(({ processorUs }) => processorUs ?? [])),
    grownMiB: spreadIn(rounds.flatMap(({ grownMiB }) => grownMiB ?? [])),
  };
}

const ratesOf = (rounds: readonly Measured[]): number[] => rounds.map(({ rate }) => rate);

/** Round by round. */
function ratiosOf(ours: readonly Measured[], others: readonly Measured[]): number[] {
  return ours.map(({ rate }, round) => rate / (others[round]?.rate ?? Number.NaN));
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
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
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
  return (
    `${processor?.model.trim() ?? 'unknown processor'}, ${String(cpus().length)} cores, ` +
    `${String(gibibytes)} GiB; ${process.platform} ${release()}; Node ${process.version}`
  );
}

/** The results as a Markdown table; empty when there are none. */
export function table(results: readonly Result[]): string {
  if (results.length === 0) return '';
  const rows = results.map(({ name, ours, raw, ratio, ratios, target }) => {
    const between = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
    const wanted =
      target === undefined ? '' : `≥ ${target.toPrecision(2)}${ratio >= target ? '' : ' (missed)'}`;
    const ratioCell = `${ratio.toFixed(2)} (${between})`;
    return `| ${name} | ${spread(ours)} | ${spread(raw)} | ${ratioCell} | ${wanted} |`;
  });
  return [
    '| case | ours, a second: median (least–most) | raw loop, a second | ratio | target |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/**
 * Latencies, processor time and memory, a row for each measured loop; empty when no case has any.
 */
export function details(results: readonly Result[]): string {
  const rows = results.flatMap(({ name, runners }) =>
    runners
      .filter(({ latency, grownMiB }) => latency !== undefined || grownMiB !== undefined)
      .map(({ name: who, rate, oursToThis, latency, processorUs, grownMiB }) => {
        const times = [latency?.p50, latency?.p99, latency?.p999].map(
          (value) => value?.toFixed(2) ?? '',
        );
        const sizes = [processorUs, grownMiB].map((value) =>
          value === undefined ? '' : spread(value),
        );
        const ratio = who === 'ours' ? '' : oursToThis.toFixed(2);
        return `| ${[name, who, spread(rate), ...times, ...sizes, ratio].join(' | ')} |`;
      }),
  );
  if (rows.length === 0) return '';
  return [
    '| case | measured | a second: median (least–most) | p50, ms | p99, ms | p99.9, ms | ' +
      'processor, µs each | resident set grew by, MiB | ours to this |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function spread({ median: middle, min, max }: Spread): string {
  return `${number(middle)} (${number(min)}–${number(max)})`;
}

function number(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}
