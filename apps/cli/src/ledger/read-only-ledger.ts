import type { Command } from 'commander';
import { note } from '../terminal/io.js';
import { said } from '../terminal/language.js';

/** The verbs that change nothing in a ledger: they need the right to read it, and no other. */
const readingVerbs: ReadonlySet<string> = new Set([
  'agencies',
  'appeal',
  'appealable',
  'appeals',
  'assessment',
  'backup',
  'balance',
  'complaint',
  'complaints',
  'creators',
  'deadlines',
  'deductions',
  'doctor',
  'evidence',
  'explain',
  'export',
  'findings',
  'list',
  'outlook',
  'query',
  'receipt',
  'rulebooks',
  'session',
  'sessions',
  'slots',
  'themes',
  'vertical',
  'whatif',
]);

/** The verbs that change nothing under some of their options or arguments. */
const sometimesReading: Readonly<Record<string, (verb: Command, options: VerbOptions) => boolean>> =
  {
    // A checkpoint that was signed in a copy would be lost.
    checkpoint: (_, { list }) => list === true,
    keys: ({ args }) => args.length === 0,
    replay: (_, options) => options.switch !== true,
    // The access log is read in place.
    verify: (_, { accessLog }) => accessLog !== true,
  };

interface VerbOptions {
  readonly store?: string;
  readonly accessLog?: boolean;
  readonly dryRun?: boolean;
  readonly list?: boolean;
  readonly switch?: boolean;
}

const endingSignals = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/** Lets a reading verb answer from {@link readableStore}. */
export async function readInCopy(verb: Command): Promise<void> {
  const options = { ...verb.opts<VerbOptions>(), ...typedOptionsOf(verb) };
  const { dryRun, store } = options;
  const name = verb.name();
  const isReading =
    dryRun === true || (sometimesReading[name]?.(verb, options) ?? readingVerbs.has(name));
  if (store === undefined || !isReading) return;
  const readable = await readableStore(store);
  // A verb with subcommands has some of their options too, and what was typed may be on either.
  for (let each: Command | null = verb; each !== null; each = each.parent)
    if (each.getOptionValue('store') !== undefined) each.setOptionValue('store', readable);
}

/** The options that were typed for a verb, or before it for the verb that it belongs to. */
function typedOptionsOf(verb: Command): VerbOptions {
  const typed = Object.entries(verb.opts<object>()).filter(
    ([name]) => verb.getOptionValueSource(name) === 'cli',
  );
  const before = verb.parent === null ? {} : typedOptionsOf(verb.parent);
  return { ...before, ...Object.fromEntries(typed) };
}

/**
 * Returns the URL of a ledger that this user may write, and else that of a copy, with a note. The
 * copy is removed when the program ends.
 */
export async function readableStore(url: string): Promise<string> {
  const { copyToRead } = await import('@penalty-ledger/application/readable-copy');
  const copy = await copyToRead(url);
  if (copy === undefined) return url;
  process.once('exit', copy.remove);
  for (const signal of endingSignals)
    process.once(signal, () => {
      copy.remove();
      process.kill(process.pid, signal);
    });
  // These place files of the ledger itself; those of the copy lie beside it.
  process.env['LEDGER_KEYS'] = copy.keysElsewhere ?? '';
  process.env['LEDGER_ACCESS'] = '';
  note(
    said(
      `${url} cannot be written by this user: answered from a copy of it as of now`,
      `当前用户无权写入 ${url}：以下内容出自其当前副本`,
    ),
  );
  if (copy.keysElsewhere !== undefined)
    note(
      said(
        'its keys cannot be read: names and texts are shown as sealed, and nothing is signed',
        '无法读取其密钥：名称和文字显示为已封存，且不作签名',
      ),
    );
  return copy.url;
}
