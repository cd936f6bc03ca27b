import { plainLine } from '@penalty-ledger/application/printable';
import { SingleBar } from 'cli-progress';
import { note } from './io.js';
import { said } from './language.js';

/** The progress of a long verb. A terminal shows it; elsewhere nothing is printed. */
export interface Progress {
  /** @param done of the total; @param count the number behind the rate, if it is another */
  readonly update: (done: number, count?: number) => void;
  /** Prints a message without tearing the bar. */
  readonly note: (text: string) => void;
  readonly stop: () => void;
}

export interface ProgressOptions {
  readonly label: string;
  /** The unit that is counted: `lines`. */
  readonly unit: string;
  /** Left out when it is unknown; then only count and rate are shown. */
  readonly total?: number | undefined;
  /** Data is printed meanwhile: a terminal that shows both then shows no bar. */
  readonly besideData?: boolean;
}

/** Starts a bar on standard error, if that is a terminal. */
export function startProgress(options: ProgressOptions): Progress {
  const isTorn = options.besideData === true && process.stdout.isTTY;
  return process.stderr.isTTY && !isTorn ? bar(options) : silent;
}

const silent: Progress = {
  update: () => undefined,
  note,
  stop: () => undefined,
};

function bar({ label, unit, total }: ProgressOptions): Progress {
  const startedMs = performance.now();
  const figures = `{count} ${unit} · {rate}/s`;
  const single = new SingleBar({
    format:
      total === undefined
        ? `${label}  ${figures}`
        : said(
            `${label}  {bar} {percentage}% · ${figures} · {eta_formatted} left`,
            `${label}  {bar} {percentage}% · ${figures} · 剩余 {eta_formatted}`,
          ),
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    fps: 10,
    etaBuffer: 50,
    gracefulExit: false,
    clearOnComplete: true,
    stream: process.stderr,
  });
  single.start(total ?? 1, 0, { count: '0', rate: '0' });
  return {
    update: (done, count = done) => {
      const seconds = Math.max((performance.now() - startedMs) / 1000, 0.001);
      const rate = Math.round(count / seconds);
      single.update(total === undefined ? 0 : Math.min(done, total), {
        count: count.toLocaleString('en'),
        rate: rate.toLocaleString('en'),
      });
    },
    note: (text) => void process.stderr.write(`\r\u001b[K${plainLine(text)}\n`),
    stop: () => single.stop(),
  };
}
