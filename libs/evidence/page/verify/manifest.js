import { sha256, textOf, utf8 } from './bytes.js';
import { parseCanonical } from './canonical-json.js';
import {
  isAscending,
  isCount,
  isHash,
  isId,
  isInstant,
  isObject,
  listOf,
  matching,
  objectOf,
} from './forms.js';
import { must } from './problem.js';
import { entryNames, isStored } from './zip.js';

const isMonth = matching(/^(?:199[2-9]|[2-8][0-9]{3})-(?:0[1-9]|1[0-2])$/);

const refusedInName =
  /[\p{Cc}"*/:<>?\\|\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/u;
const deviceName = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;

/** Accepts a name that a file can have in every system. */
const isFileName = (value) =>
  typeof value === 'string' &&
  value !== '' &&
  utf8.encode(value).length <= 200 &&
  !refusedInName.test(value) &&
  !/^[. ]|[. ]$/.test(value) &&
  !deviceName.test(value);

const areFileNames = (value) =>
  isObject(value) &&
  Object.keys(value).length > 0 &&
  Object.entries(value).every(([hash, name]) => isHash(hash) && isFileName(name));

const isManifest = objectOf({
  account: isId,
  'assessments?': (value) => listOf(isMonth)(value) && value.length > 0 && isAscending(value),
  effectiveAt: isInstant,
  'fileNames?': areFileNames,
  files: listOf(
    objectOf({
      bytes: isCount,
      name: (value) => typeof value === 'string',
      'packed?': objectOf({ bytes: isCount, sha256: isHash }),
      sha256: isHash,
    }),
  ),
  format: (value) => value === 1,
  kind: (value) => value === 'penalty-ledger/evidence-pack',
  knownAt: isInstant,
  ledgerId: isId,
  origin: matching(/^[!-*,-~]{1,100}$/),
  period: matching(/^(?:199[2-9]|[2-8][0-9]{3})$/),
  redacted: (value) => listOf((reader) => reader === 'complainant')(value) && value.length <= 1,
  'simulation?': (value) => value === true,
  subject: objectOf({ agencyId: isId, 'appealId?': isId }),
});

export const readManifest = (bytes) => {
  const manifest = parseCanonical(textOf(bytes), 'manifest_bytes');
  must(isManifest(manifest), 'manifest_form');
  return manifest;
};

const optional = ['disclosed.json', 'statement.pdf'];
/** Files that the manifest cannot list: itself, and what is made of it. */
const unlisted = ['manifest.json', 'signature.txt'];

/** Returns the contents by name, if they are the files the manifest lists. */
export const checkFiles = async (entries, manifest) => {
  const others = entries.filter(({ name }) => !unlisted.includes(name));
  for (const [at, { name }] of others.entries())
    must(manifest.files[at]?.name === name, 'file_unlisted', name);
  const present = new Set(entries.map(({ name }) => name));
  const missing = entryNames.find((name) => !optional.includes(name) && !present.has(name));
  const named = Object.keys(manifest.fileNames ?? {}).map((hash) => `attachments/${hash}`);
  const isWhole = missing === undefined && named.every((name) => present.has(name));
  must(manifest.files.length === others.length && isWhole, 'file_missing', missing);
  for (const [at, { name, content, packed }] of others.entries()) {
    const file = manifest.files[at];
    const packedFits = isStored(name)
      ? file.packed === undefined
      : file.packed?.bytes === packed.length && file.packed.sha256 === (await sha256(packed));
    const fits = file.bytes === content.length && file.sha256 === (await sha256(content));
    must(fits && packedFits, 'file_hash', name);
  }
  return new Map(entries.map(({ name, content }) => [name, content]));
};
