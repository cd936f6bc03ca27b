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
  'verify',
  'vertical',
  'whatif',
]);

interface VerbOptions {
  readonly store?: string;
  readonly accessLog?: boolean;
  readonly list?: boolean;
}

const endingSignals = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/** Lets a reading verb answer from {@link readableStore}. */
export async function readInCopy(verb: Command): Promise<void> {
  const { store, accessLog, list } = verb.opts<VerbOptions>();
  // The access log is read in place, and a checkpoint that was signed in a copy would be lost.
  const isReading = verb.name() === 'checkpoint' ? list === true : readingVerbs.has(verb.name());
  if (store === undefined || accessLog === true || !isReading) return;
  verb.setOptionValue('store', await readableStore(store));
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
