import { bytesOfBase64, hexOf, sha256, textOf, utf8, zeros } from './bytes.js';
import { isCount, isInstant } from './forms.js';
import { must } from './problem.js';

/** Returns the text of a note: well-formed, not too long, without controls but the line feed. */
export const noteText = (given, problem, byteLimit = 131_072) => {
  const text = typeof given === 'string' ? given : textOf(given);
  const good = text?.isWellFormed() && utf8.encode(text).length <= byteLimit;
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  must(good && !/[\u0000-\u0009\u000b-\u001f]/.test(text), problem);
  return text;
};

const isKeyName = (name) => /^[^\p{White_Space}\p{Cc}\p{Cs}+]+$/u.test(name);

/** Returns the key of a verifier key's text (checkpoint.md): its name, id and Ed25519 key. */
export const parseKey = async (text) => {
  const parts = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text.trim());
  const [, name = '', id = '', key = ''] = parts ?? [];
  const raw = bytesOfBase64(key);
  must(isKeyName(name) && raw?.length === 33 && raw[0] === 1, 'verifier_key');
  must((await sha256(utf8.encode(`${name}\n`), raw)).slice(0, 8) === id, 'verifier_key');
  const bytes = raw.subarray(1);
  const publicKey = await crypto.subtle.importKey('raw', bytes, 'Ed25519', false, ['verify']);
  return { name, id, publicKey, text: text.trim() };
};

const emptyRoot = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

const checkpointLines = new RegExp(
  String.raw`^([!-*,-~]{1,100})\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\n` +
    String.raw`stream-heads (0|[1-9]\d{0,15}) ([A-Za-z0-9+/]{43}=)\nsigned-at ([^\n]+)\n$`,
);

const parseCheckpoint = (text) => {
  const lines = checkpointLines.exec(text);
  must(lines !== null, 'checkpoint');
  const [, origin, sizeText, rootText, countText, headsText, signedAt] = lines;
  const [root, heads] = [rootText, headsText].map((hash) => hexOf(bytesOfBase64(hash) ?? []));
  const [size, count] = [Number(sizeText), Number(countText)];
  const empty = size === 0;
  const good =
    root.length === 64 &&
    heads.length === 64 &&
    isCount(size) &&
    isCount(count) &&
    count <= size &&
    empty === (root === emptyRoot) &&
    empty === (count === 0) &&
    empty === (heads === zeros) &&
    isInstant(signedAt);
  must(good, 'checkpoint');
  return { origin, size, root, heads, signedAt };
};

const signatureOf = (line) => {
  const [dash, name = '', signed = '', ...more] = line.split(' ');
  const bytes = bytesOfBase64(signed);
  must(dash === '—' && more.length === 0 && isKeyName(name) && bytes?.length > 4, 'note');
  return { name, id: hexOf(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
};

/** Returns the text of a signed note and the known keys that signed it (C2SP signed-note). */
export const openNote = async (given, keys) => {
  const note = noteText(given, 'note');
  const end = note.lastIndexOf('\n\n');
  must(end >= 0 && note.endsWith('\n'), 'note');
  const text = note.slice(0, end + 1);
  const signatures = note
    .slice(end + 2, -1)
    .split('\n')
    .map(signatureOf);
  const signedBy = [];
  for (const { name, id, signature } of signatures) {
    const key = keys.find((known) => known.name === name && known.id === id);
    if (key === undefined) continue;
    must(!signedBy.includes(key), 'note', 'signed twice');
    const holds =
      signature.length === 64 &&
      (await crypto.subtle.verify('Ed25519', key.publicKey, signature, utf8.encode(text)));
    must(holds, 'signature', name);
    signedBy.push(key);
  }
  must(signedBy.length > 0, 'unsigned', 'none of the known keys signed');
  return { text, signedBy };
};

/** Checks that no other key had followed, within the tree, all that signed for the ledger. */
export const checkCurrent = (signedBy, { origin, size }) => {
  const isCurrent = ({ name, until = size }) => name === origin && size <= until;
  must(signedBy.some(isCurrent), 'succeeded');
};

/** Returns the checkpoint of a signed note (checkpoint.md, "Verification"). */
export const openCheckpoint = async (given, keys) => {
  const { text, signedBy } = await openNote(given, keys);
  const checkpoint = parseCheckpoint(text);
  must(
    signedBy.some(({ name }) => name === checkpoint.origin),
    'origin',
  );
  checkCurrent(signedBy, checkpoint);
  return { ...checkpoint, signedBy };
};

/** Checks that the ledger signed a manifest (evidence-pack.md, "signature.txt"). */
export const checkSignature = async (given, keys, manifest, { origin }) => {
  const { text, signedBy } = await openNote(given, keys);
  const signed = `penalty-ledger/evidence-pack\n${origin}\n${await sha256(manifest)}\n`;
  must(text === signed, 'manifest_signed');
  must(
    signedBy.some(({ name }) => name === origin),
    'origin',
  );
  return signedBy;
};
