import { Command, InvalidArgumentError, Option } from 'commander';
import { defaultStoreUrl } from '@penalty-ledger/application/store-url';
import { said } from './terminal/language.js';

/** An example: the words after `ledger`, and the lines it prints; `...` leaves lines out. */
export type Example = string | readonly [typed: string, ...prints: string[]];

/** The texts of a verb's help. */
export interface VerbText {
  /** Begins with a verb in the imperative; without capital and period. */
  readonly summary: string;
  /** Sentences that follow the summary in the verb's own help. */
  readonly details?: string;
  readonly examples: readonly Example[];
}

/** Adds a verb with its `--help`. */
export function addVerb(
  program: Command,
  nameAndArguments: string,
  { summary, details, examples }: VerbText,
): Command {
  const verb = program.command(nameAndArguments).summary(summary);
  verb.description(details === undefined ? summary : `${summary}\n\n${details}`);
  return verb.addHelpText(
    'after',
    ['', exitCodeText(), '', said('Examples:', '示例：'), ...examples.flatMap(exampleLines)].join(
      '\n',
    ),
  );
}

/** The exit codes, as each help has them. */
export function exitCodeText(): string {
  return said(
    'Exit codes: 0 done; 1 the answer is no; 2 wrong usage or input; ' +
      '3 the store cannot be reached,\nis locked or is damaged.',
    '退出码：0 完成；1 答案为否；2 用法或输入有误；3 存储无法连接、被锁定或已损坏。',
  );
}

function exampleLines(example: Example): string[] {
  const [typed, ...prints] = typeof example === 'string' ? [example] : example;
  return [`$ ledger ${typed}`, ...prints].map((line) => `  ${line}`.trimEnd());
}

/** `--store`, the ledger to work on. */
export function storeOption(): Option {
  return new Option(
    '--store <url>',
    said(
      'the ledger: sqlite:PATH, esdb://HOST or kurrentdb://HOST',
      '账本：sqlite:PATH、esdb://HOST 或 kurrentdb://HOST',
    ),
  )
    .env('LEDGER_STORE')
    .default(defaultStoreUrl);
}

/** `--lease-seconds`, for a verb that fills an engine. */
export function leaseSecondsOption(): Option {
  return new Option(
    '--lease-seconds <n>',
    said(
      'how long an engine stays closed to the next run after this one is killed',
      '本次运行被终止后，引擎在多少秒内不接受下一次运行',
    ),
  )
    .env('LEDGER_LEASE_SECONDS')
    .default(15)
    .argParser(leaseSecondsIn);
}

/** The bounds are those of the service. */
function leaseSecondsIn(text: string): number {
  const seconds = Number(text);
  if (!/^\d+$/.test(text) || seconds < 2 || seconds > 300)
    throw new InvalidArgumentError(
      said('Give seconds from 2 to 300.', '请给出 2 至 300 之间的秒数。'),
    );
  return seconds;
}

export function jsonOption(): Option {
  return new Option('--json', said('print the answer as JSON', '以 JSON 打印结果'));
}

/** The effective time of a question (rules §3). */
export function effectiveAtOption(): Option {
  return new Option(
    '--effective-at <instant>',
    said(
      'the moment the question is about: 2019-06-01T12:00:00+08:00 (default: now)',
      '所问的时点：2019-06-01T12:00:00+08:00（默认：当前）',
    ),
  );
}

/** The known time of a question (rules §3). */
export function knownAtOption(): Option {
  return new Option(
    '--known-at <instant>',
    said(
      'take into account what was recorded by then (default: now)',
      '只计入该时点前已记录的内容（默认：当前）',
    ),
  );
}

/** The options of each verb that answers a question. */
export interface AskOptions {
  readonly store: string;
  readonly json?: boolean;
}
