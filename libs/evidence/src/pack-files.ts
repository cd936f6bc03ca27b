/**
 * The entries of a pack, in their order; attachments come after them (`docs/spec/evidence-pack.md`,
 * "The file").
 */
export const packFiles = [
  'manifest.json',
  'signature.txt',
  'checkpoint.txt',
  'events.ndjson',
  'proofs.json',
  'computation.json',
  'disclosed.json',
  'statement.html',
  'statement.pdf',
] as const;

export type PackFile = (typeof packFiles)[number];

/** Those that are not in every pack. */
export const optionalFiles: ReadonlySet<PackFile> = new Set(['disclosed.json', 'statement.pdf']);

const attachment = /^attachments\/[0-9a-f]{64}$/;

export function attachmentName(sha256: string): string {
  return `attachments/${sha256}`;
}

/** The SHA-256 an attachment is named by; `undefined` for other files. */
export function sha256OfAttachment(name: string): string | undefined {
  return attachment.test(name) ? name.slice('attachments/'.length) : undefined;
}

/**
 * Says whether a file of this name can follow a file named `before` in a pack (`undefined`: it is
 * the first).
 */
export function mayFollow(name: string, before: string | undefined): boolean {
  const place = placeOf(name);
  if (place === undefined) return false;
  if (before === undefined) return place === 0;
  const placeBefore = placeOf(before) ?? 0;
  return (
    place > placeBefore ||
    (place === placeBefore && sha256OfAttachment(name) !== undefined && name > before)
  );
}

function placeOf(name: string): number | undefined {
  if (sha256OfAttachment(name) !== undefined) return packFiles.length;
  const place = packFiles.findIndex((file) => file === name);
  return place === -1 ? undefined : place;
}
