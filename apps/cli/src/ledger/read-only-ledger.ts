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

/**
 * Lets a reading verb answer from a copy of a ledger that this user may not write, and says so. The
 * copy is removed when the program ends.
 */
export async function readInCopy(verb: Command): Promise<void> {
  const { store, accessLog, list } = verb.opts<VerbOptions>();
  // The access log is read in place, and a checkpoint that was signed in a copy would be lost.
  const isReading = verb.name() === 'checkpoint' ? list === true : readingVerbs.has(verb.name());
  if (store === undefined || accessLog === true || !isReading) return;
  const { copyToRead } = await import('@penalty-ledger/application/readable-copy');
  const copy = await copyToRead(store);
  if (copy === undefined) return;
  process.once('exit', copy.remove);
  for (const signal of endingSignals)
    process.once(signal, () => {
      copy.remove();
      process.kill(process.pid, signal);
    });
  verb.setOptionValue('store', copy.url);
  // These place files of the ledger itself; those of the copy lie beside it.
  process.env['LEDGER_KEYS'] = copy.keysElsewhere ?? '';
  process.env['LEDGER_ACCESS'] = '';
  note(
    said(
      `${store} cannot be written by this user: answered from a copy of it as of now`,
      `当前用户无权写入 ${store}：以下内容出自其当前副本`,
    ),
  );
  if (copy.keysElsewhere !== undefined)
    note(
      said(
        'its keys cannot be read: names and texts are shown as erased, and nothing is signed',
        '无法读取其密钥：名称和文字显示为已删除，且不作签名',
      ),
    );
}
