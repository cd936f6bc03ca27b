import { said } from './language.js';

/**
 * Says why a file could not be read or written, without its path, which the caller names.
 *
 * @param missing the thing that is missing when it does not exist: on writing, the folder
 */
export function reasonOf(error: unknown, missing: 'file' | 'folder'): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return missing === 'file'
        ? said('there is no such file', '没有该文件')
        : said('there is no such folder', '没有该文件夹');
    case 'EACCES':
      return said('permission denied', '没有权限');
    case 'EISDIR':
      return said('it is a folder', '它是文件夹');
    case 'ENOTDIR':
      return said('a part of the path is a file, not a folder', '路径中有一部分是文件而非文件夹');
    case 'EROFS':
      return said('it lies on a read-only disk', '它位于只读磁盘上');
    case 'ENOSPC':
      return said('the disk is full', '磁盘已满');
    default:
      return messageOf(error);
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
