import { systemCode, systemReason } from '@penalty-ledger/application/system-error';
import { said, saidBy, saidIn } from './language.js';

/**
 * Says why a file could not be read or written, without its path, which the caller names.
 *
 * @param missing the thing that is missing when it does not exist: on writing, the folder
 */
export function reasonOf(error: unknown, missing: 'file' | 'folder'): string {
  if (missing === 'folder' && systemCode(error) === 'ENOENT')
    return said('there is no such folder', '没有该文件夹');
  return saidIn(systemReason(error));
}

/**
 * Says what the system refused, and of which file; `undefined` for an error that is not the
 * system's.
 */
export function systemErrorText(error: Error): string | undefined {
  if (systemCode(error) === undefined) return undefined;
  const reason = saidIn(systemReason(error));
  const path = 'path' in error && typeof error.path === 'string' ? error.path : undefined;
  if (path === undefined) return reason;
  return said(`cannot use "${path}": ${reason}`, `无法使用 "${path}"：${reason}`);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? saidBy(error) : String(error);
}
