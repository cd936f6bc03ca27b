/**
 * Says why a file could not be read or written, without its path, which the caller names.
 *
 * @param missing the thing that is missing when it does not exist: on writing, the folder
 */
export function reasonOf(error: unknown, missing: 'file' | 'folder'): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return `there is no such ${missing}`;
  if (code === 'EACCES') return 'permission denied';
  return messageOf(error);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
