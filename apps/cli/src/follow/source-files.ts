import { readFileSync } from 'node:fs';
import { SourceConnection } from '@penalty-ledger/application/following';
import { UsageError } from '../terminal/exit-codes.js';
import { reasonOf } from '../terminal/reason.js';
import { said } from '../terminal/language.js';

/** The files with which a service is reached. */
export interface SourceFiles {
  readonly tokenFile?: string | undefined;
  readonly caFile?: string | undefined;
}

/**
 * Makes the way to a service. A token comes from a file: on the command line every user of the
 * machine could read it.
 *
 * @throws UsageError, SourceUrlError
 */
export function connectionTo(url: string, { tokenFile, caFile }: SourceFiles): SourceConnection {
  const token = tokenFile === undefined ? undefined : textOf('--token-file', tokenFile).trim();
  if (token !== undefined && !/^[\x21-\x7e]{1,4096}$/.test(token))
    throw new UsageError(
      said(
        `--token-file: "${tokenFile ?? ''}" does not hold one token and no more`,
        `--token-file："${tokenFile ?? ''}" 中应当有且只有一个令牌`,
      ),
    );
  const ca = caFile === undefined ? undefined : textOf('--ca-file', caFile);
  return new SourceConnection({ url, token, ca });
}

/** The text of a file that an option names. @throws UsageError */
export function textOf(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(
      said(
        `${option}: cannot read "${file}": ${reasonOf(error, 'file')}`,
        `${option}：无法读取 "${file}"：${reasonOf(error, 'file')}`,
      ),
      said('check the path', '请检查路径'),
      { cause: error },
    );
  }
}
