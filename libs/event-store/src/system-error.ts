import type { InBoth } from '@penalty-ledger/ledger';

/** The refusals of the operating system, by its codes, as people read them. */
export const systemReasons = {
  EACCES: { en: 'permission denied', zh: '没有权限' },
  ECONNREFUSED: { en: 'nothing answers at that address', zh: '该地址没有响应' },
  ECONNRESET: { en: 'the connection was broken off', zh: '连接被中断' },
  EDQUOT: { en: 'the disk is full', zh: '磁盘已满' },
  EEXIST: { en: 'it exists already', zh: '它已经存在' },
  EFBIG: { en: 'a file may not become that long here', zh: '此处的文件不能这么长' },
  EIO: { en: 'the disk fails', zh: '磁盘出错' },
  EISDIR: { en: 'it is a folder', zh: '它是文件夹' },
  ELOOP: { en: 'its links lead in a circle', zh: '其链接循环指向自身' },
  EMFILE: { en: 'too many files are open', zh: '打开的文件过多' },
  ENAMETOOLONG: { en: 'its name is too long', zh: '其名称过长' },
  ENFILE: { en: 'too many files are open', zh: '打开的文件过多' },
  ENOENT: { en: 'there is no such file', zh: '没有该文件' },
  ENOTFOUND: { en: 'there is no such host', zh: '没有该主机' },
  ENOSPC: { en: 'the disk is full', zh: '磁盘已满' },
  ENOTDIR: {
    en: 'a part of the path is a file, not a folder',
    zh: '路径中有一部分是文件而非文件夹',
  },
  EPERM: { en: 'permission denied', zh: '没有权限' },
  EPIPE: { en: 'its reader has gone', zh: '读取方已退出' },
  ETIMEDOUT: { en: 'it did not answer in time', zh: '未及时响应' },
  EROFS: { en: 'it lies on a read-only disk', zh: '它位于只读磁盘上' },
} as const satisfies Readonly<Record<string, InBoth>>;

/** Says why a file could not be read, without its path, which the caller names. */
export function systemReason(error: unknown): InBoth {
  const message = error instanceof Error ? error.message : String(error);
  // The system's own sentence, without its code, its call and its path.
  const own = /^E[A-Z\d]+: ([^,]+)(?:, |$)/.exec(message)?.[1] ?? message;
  const known: Readonly<Record<string, InBoth>> = systemReasons;
  return known[systemCode(error) ?? ''] ?? { en: own, zh: own };
}

/** The code of an error of the operating system: `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
