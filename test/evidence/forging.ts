import { hash } from 'node:crypto';
import {
  readZip,
  writeZip,
  zipEntry,
  type Manifest,
  type ZipEntry,
} from '@penalty-ledger/evidence';
import { canonicalJson, leafHashOf } from '@penalty-ledger/ledger';
import { signNote, type SignerKey } from '@penalty-ledger/merkle-log';
import { testKey } from '../support/logged-ledger.js';

const ledgerKey = testKey('ledger.example/test');

/** The files of a pack, by name, in order. */
export type Files = Map<string, Uint8Array>;

export function filesOf(pack: Uint8Array): Files {
  return new Map(readZip(pack).map(({ name, content }) => [name, content]));
}

export function textIn(files: Files, name: string): string {
  return Buffer.from(files.get(name)!).toString();
}

/**
 * Forges a pack as a dishonest issuer can: every hash, size and name in manifest and ZIP fits the
 * change, and the manifest is signed anew.
 *
 * @param signer the ledger's key; null: the signature stays as it was
 */
export function forged(
  pack: Uint8Array,
  change: (files: Files) => void,
  signer: SignerKey | null = ledgerKey,
): Uint8Array {
  const files = filesOf(pack);
  const page = files.get('statement.html');
  change(files);
  const manifest = JSON.parse(textIn(files, 'manifest.json')) as Manifest;
  if (page !== undefined && files.get('statement.html') === page) refit(files, manifest);
  return listed(
    manifest,
    [...files].map(([name, content]) => zipEntry(name, content)),
    signer,
  );
}

/** The same with entries changed as they stand in the ZIP, whatever their data unpack to. */
export function forgedEntries(pack: Uint8Array, change: (entry: ZipEntry) => ZipEntry): Uint8Array {
  const manifest = JSON.parse(textIn(filesOf(pack), 'manifest.json')) as Manifest;
  return listed(manifest, readZip(pack).map(change), ledgerKey);
}

/** The pack of these entries, listed anew in the manifest. */
function listed(
  manifest: Manifest,
  entries: readonly ZipEntry[],
  signer: SignerKey | null,
): Uint8Array {
  const { origin } = manifest;
  const others = entries.filter(({ name }) => !isListing(name));
  const listing = Buffer.from(canonicalJson({ ...manifest, files: others.map(listedOf) }));
  const text = `penalty-ledger/evidence-pack\n${origin}\n${hash('sha256', listing, 'hex')}\n`;
  const signature =
    signer === null
      ? entries.find(({ name }) => name === 'signature.txt')!
      : zipEntry('signature.txt', Buffer.from(signNote(text, [signer])));
  return writeZip([zipEntry('manifest.json', listing), signature, ...others]);
}

function isListing(name: string): boolean {
  return name === 'manifest.json' || name === 'signature.txt';
}

/** Makes the statement quote what events, attachments and manifest have become. */
function refit(files: Files, { fileNames, knownAt, ledgerId, redacted }: Manifest): void {
  const page = textIn(files, 'statement.html');
  const from = page.indexOf('{', page.indexOf('id="pack">'));
  const to = page.indexOf('</script>', from);
  const kept = page.slice(page.indexOf('"checkpoint":', from), page.indexOf(',"events":[', from));
  const attachments = [...files.keys()].flatMap(
    (name) => /^attachments\/(.*)/.exec(name)?.[1] ?? [],
  );
  const events = files.has('events.ndjson') ? textIn(files, 'events.ndjson') : '';
  const quoted = [
    `{"attachments":${canonicalJson(attachments)}`,
    kept,
    `"events":[${events.slice(0, -1).replaceAll('\n', ',')}]`,
    ...(fileNames === undefined ? [] : [`"fileNames":${canonicalJson(fileNames)}`]),
    `"knownAt":${canonicalJson(knownAt)}`,
    `"ledgerId":${canonicalJson(ledgerId)}`,
    `"redacted":${canonicalJson(redacted)}}`,
  ];
  const data = quoted.join(',').replaceAll('<', '\\u003c');
  files.set('statement.html', Buffer.from(`${page.slice(0, from)}${data}${page.slice(to)}`));
}

/** The same with the manifest changed. */
export function forgedManifest(
  pack: Uint8Array,
  change: (manifest: Manifest) => object,
  signer: SignerKey | null = ledgerKey,
): Uint8Array {
  const edited = (files: Files): void => {
    const manifest = JSON.parse(textIn(files, 'manifest.json')) as Manifest;
    files.set('manifest.json', Buffer.from(canonicalJson(change(manifest))));
  };
  return forged(pack, edited, signer);
}

/** The same with the text of one file changed. */
export function forgedText(
  pack: Uint8Array,
  name: string,
  change: (text: string) => string,
): Uint8Array {
  return forged(pack, (files) => files.set(name, Buffer.from(change(textIn(files, name)))));
}

/** The same with one JSON file changed. */
export function forgedJson(
  pack: Uint8Array,
  name: string,
  change: (value: never) => unknown,
): Uint8Array {
  return forgedText(pack, name, (text) => canonicalJson(change(JSON.parse(text) as never)));
}

/** Computation and statement made to say the same, whatever the events say. */
export function forgedAnswer(
  pack: Uint8Array,
  change: (computation: string) => string,
): Uint8Array {
  return forged(pack, (files) => {
    const before = textIn(files, 'computation.json');
    const after = change(before);
    const written = (json: string): string => json.replaceAll('<', '\\u003c');
    files.set('computation.json', Buffer.from(after));
    files.set(
      'statement.html',
      Buffer.from(textIn(files, 'statement.html').replace(written(before), () => written(after))),
    );
  });
}

/** The entries written without a look at whether they may be. */
export function zipOf(entries: readonly ZipEntry[]): Uint8Array {
  return writeZip(entries);
}

/** A stream's later bodies chained anew to what was changed in it. */
export function rechained(bodies: readonly string[], stream: string): string[] {
  let previous = '0'.repeat(64);
  let revision = 0;
  return bodies.map((body) => {
    const event = JSON.parse(body) as { stream: string; previous: string; revision: number };
    if (event.stream !== stream) return body;
    const chained = canonicalJson({ ...event, previous, revision });
    previous = leafHashOf(chained);
    revision += 1;
    return chained;
  });
}

function listedOf({ name, content, packed }: ZipEntry): Manifest['files'][number] {
  const described = { bytes: content.length, name, sha256: hash('sha256', content, 'hex') };
  if (packed === content) return described;
  return { ...described, packed: { bytes: packed.length, sha256: hash('sha256', packed, 'hex') } };
}
