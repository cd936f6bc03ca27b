/* Verifies evidence packs in a browser without a network, from docs/spec/evidence-pack.md; shares no code with the ledger's own verifier. */
const verifier = (() => {
  const zeros = '0'.repeat(64);
  const utf8 = new TextEncoder();

  class Problem extends Error {
    constructor(problem, message = '') {
      super(message);
      this.problem = problem;
    }
  }
  class Unchecked extends Error {}

  const require = (holds, problem, message) => {
    if (!holds) throw new Problem(problem, message);
  };

  // Bytes and hashes.

  const hexOf = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const bytesOfHex = (digits) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const concat = (parts) => {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  };
  const sha256 = async (...parts) => hexOf(await crypto.subtle.digest('SHA-256', concat(parts)));
  const pair = (prefix, left, right) => sha256([prefix], bytesOfHex(left), bytesOfHex(right));
  const isEqual = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);

  const textOf = (bytes) => {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return undefined;
    }
  };

  const bytesOfBase64 = (text) => {
    try {
      const bytes = Uint8Array.from(atob(text), (digit) => digit.charCodeAt(0));
      return btoa(atob(text)) === text ? bytes : undefined;
    } catch {
      return undefined;
    }
  };

  // Canonical JSON, event.md "Bytes".

  const canonical = (value) => {
    if (typeof value === 'string') {
      if (!value.isWellFormed()) throw new TypeError('a lone surrogate');
      return JSON.stringify(value);
    }
    if (typeof value === 'number') {
      if (!Number.isSafeInteger(value)) throw new TypeError('no integer');
      return String(value);
    }
    if (value === null || typeof value === 'boolean') return String(value);
    if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
    const members = Object.keys(value)
      .filter((key) => value[key] !== undefined)
      .sort()
      .map((key) => {
        if (/^(?:0|[1-9]\d*)$/.test(key)) throw new TypeError('a key like an index');
        return `${canonical(key)}:${canonical(value[key])}`;
      });
    return `{${members.join(',')}}`;
  };

  const parseCanonical = (text, problem) => {
    try {
      const value = JSON.parse(text);
      if (canonical(value) === text) return value;
    } catch {
      // Said below.
    }
    throw new Problem(problem, 'not canonical JSON');
  };

  // Forms.

  const matching = (pattern) => (value) => typeof value === 'string' && pattern.test(value);
  const isHash = matching(/^[0-9a-f]{64}$/);
  const isId = matching(/^[A-Za-z0-9._:-]{1,64}$/);
  const isStream = matching(/^[A-Za-z0-9._:-]{1,80}$/);
  const isName = matching(/^[A-Z][A-Za-z0-9]{0,63}$/);
  const integerFrom = (least) => (value) => Number.isSafeInteger(value) && value >= least;
  const listOf = (item) => (value) => Array.isArray(value) && value.every(item);
  const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
  const objectOf = (members) => (value) =>
    isObject(value) &&
    Object.keys(value).every((name) => (members[name] ?? members[`${name}?`])?.(value[name]) === true) &&
    Object.keys(members).every((name) => name.endsWith('?') || Object.hasOwn(value, name));
  const isInstant = (value) => {
    if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)) return false;
    if (value < '1992-01-01T00:00:00.000Z' || value > '9000-12-31T00:00:00.000Z') return false;
    const at = Date.parse(value);
    return !Number.isNaN(at) && new Date(at).toISOString() === value;
  };
  const base64 = (fits) => (value) => typeof value === 'string' && fits(bytesOfBase64(value)?.length ?? -1);
  const isAscending = (values) => values.every((value, at) => at === 0 || value > values[at - 1]);

  // The ZIP.

  const limits = { entries: 1000, bytes: 268435456, deflated: 67108864 };
  const files = [
    ...['manifest.json', 'checkpoint.txt', 'events.ndjson', 'proofs.json', 'computation.json'],
    ...['disclosed.json', 'statement.html', 'statement.pdf'],
  ];
  const isAttachment = (name) => /^attachments\/[0-9a-f]{64}$/.test(name);
  const placeOf = (name) => (isAttachment(name) ? files.length : files.indexOf(name));
  const isStored = (name) => name === 'manifest.json' || isAttachment(name);

  const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
    let rest = byte;
    for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
    return rest;
  });
  const crc32 = (bytes) => {
    let rest = 0xffffffff;
    for (const byte of bytes) rest = (rest >>> 8) ^ crcTable[(rest ^ byte) & 255];
    return ~rest >>> 0;
  };

  const inflate = async (packed, length) => {
    const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
    const parts = [];
    let size = 0;
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        parts.push(part.value);
        size += part.value.length;
        if (size > length) throw new Problem('zip_data');
      }
    } catch {
      throw new Problem('zip_data', 'not a deflate stream of the size stated');
    }
    require(size === length, 'zip_data', 'not of the size stated');
    return concat(parts);
  };

  const little = (bytes, ...numbers) => {
    const view = new DataView(new ArrayBuffer(bytes));
    let at = 0;
    for (const [number, width] of numbers) {
      if (width === 2) view.setUint16(at, number, true);
      else view.setUint32(at, number, true);
      at += width;
    }
    return new Uint8Array(view.buffer);
  };
  const described = ({ name, content, packed }) => [
    ...[
      [20, 2],
      [0, 2],
      [isStored(name) ? 0 : 8, 2],
      [0, 2],
      [0x21, 2],
      [crc32(content), 4],
    ],
    ...[
      [packed.length, 4],
      [content.length, 4],
      [name.length, 2],
    ],
  ];
  const localHeader = (entry) => concat([little(30, [0x04034b50, 4], ...described(entry)), utf8.encode(entry.name)]);
  const directoryOf = (entries) => {
    let offset = 0;
    const headers = entries.map((entry) => {
      const header = little(46, [0x02014b50, 4], [20, 2], ...described(entry));
      new DataView(header.buffer).setUint32(42, offset, true);
      offset += 30 + entry.name.length + entry.packed.length;
      return concat([header, utf8.encode(entry.name)]);
    });
    const size = headers.reduce((sum, { length }) => sum + length, 0);
    const { length } = entries;
    const end = little(22, [0x06054b50, 4], [0, 4], [length, 2], [length, 2], [size, 4], [offset, 4]);
    return concat([...headers, end]);
  };

  const entryAt = async (zip, at, before) => {
    require(at + 30 <= zip.length, 'zip_header', 'cut off');
    const view = new DataView(zip.buffer, zip.byteOffset + at);
    const nameEnd = at + 30 + view.getUint16(26, true);
    const [packedLength, length] = [view.getUint32(18, true), view.getUint32(22, true)];
    require(nameEnd <= zip.length, 'zip_header', 'cut off');
    const name = String.fromCharCode(...zip.subarray(at + 30, nameEnd));
    require(before.every((entry) => entry.name !== name), 'zip_twice', name);
    const last = before.at(-1)?.name;
    const inOrder =
      last === undefined
        ? name === files[0]
        : placeOf(name) > placeOf(last) || (isAttachment(name) && isAttachment(last) && name > last);
    require(placeOf(name) !== -1 && inOrder, 'zip_name', name);
    require(view.getUint16(8, true) === (isStored(name) ? 0 : 8), 'zip_method', name);
    require(length <= (isStored(name) ? limits.bytes : limits.deflated), 'zip_size', name);
    require(nameEnd + packedLength <= zip.length, 'zip_header', 'cut off');
    const packed = zip.subarray(nameEnd, nameEnd + packedLength);
    const content = isStored(name) ? packed : await inflate(packed, length);
    require(content.length === length, 'zip_data', name);
    require(view.getUint32(14, true) === crc32(content), 'zip_crc', name);
    require(isEqual(zip.subarray(at, nameEnd), localHeader({ name, content, packed })), 'zip_header', name);
    return { name, content, packed };
  };

  const readZip = async (zip) => {
    require(zip.length <= limits.bytes, 'zip_size');
    const entries = [];
    let at = 0;
    let unpacked = 0;
    const view = new DataView(zip.buffer, zip.byteOffset, zip.length);
    while (at + 4 <= zip.length && view.getUint32(at, true) === 0x04034b50) {
      const entry = await entryAt(zip, at, entries);
      entries.push(entry);
      unpacked += entry.content.length;
      require(unpacked <= limits.bytes && entries.length <= limits.entries, 'zip_size');
      at += 30 + entry.name.length + entry.packed.length;
    }
    require(entries.length > 0, 'zip_header', 'not an evidence pack');
    require(isEqual(zip.subarray(at), directoryOf(entries)), 'zip_directory');
    return entries;
  };

  // Manifest and files.

  const isManifest = objectOf({
    account: isId,
    effectiveAt: isInstant,
    files: listOf(
      objectOf({
        bytes: integerFrom(0),
        name: (value) => typeof value === 'string',
        'packed?': objectOf({ bytes: integerFrom(0), sha256: isHash }),
        sha256: isHash,
      }),
    ),
    format: (value) => value === 1,
    kind: (value) => value === 'penalty-ledger/evidence-pack',
    knownAt: isInstant,
    ledgerId: isId,
    origin: matching(/^[!-*,-~]{1,100}$/),
    period: matching(/^(?:199[2-9]|[2-8][0-9]{3})$/),
    redacted: (value) =>
      Array.isArray(value) && (value.length === 0 || (value.length === 1 && value[0] === 'complainant')),
    subject: objectOf({ agencyId: isId, 'appealId?': isId }),
  });

  const readManifest = (bytes) => {
    const manifest = parseCanonical(textOf(bytes), 'manifest_bytes');
    require(isManifest(manifest), 'manifest_form');
    return manifest;
  };

  const checkFiles = async (entries, manifest) => {
    const others = entries.slice(1);
    others.forEach(({ name }, at) => require(manifest.files[at]?.name === name, 'file_unlisted', name));
    const missing = files.find(
      (name) => !['disclosed.json', 'statement.pdf'].includes(name) && entries.every((entry) => entry.name !== name),
    );
    require(manifest.files.length === others.length && missing === undefined, 'file_missing', missing);
    for (const [at, { name, content, packed }] of others.entries()) {
      const file = manifest.files[at];
      const packedFits = isStored(name)
        ? file.packed === undefined
        : file.packed?.bytes === packed.length && file.packed.sha256 === (await sha256(packed));
      const fits = file.bytes === content.length && file.sha256 === (await sha256(content));
      require(fits && packedFits, 'file_hash', name);
    }
    return new Map(entries.map(({ name, content }) => [name, content]));
  };

  // Notes and checkpoints, checkpoint.md.

  const noteText = (given, problem) => {
    const text = typeof given === 'string' ? given : textOf(given);
    const good = text?.isWellFormed() && utf8.encode(text).length <= 131072;
    // eslint-disable-next-line no-control-regex -- they are what is looked for
    require(good && !/[\u0000-\u0009\u000b-\u001f]/.test(text), problem);
    return text;
  };
  const isKeyName = (name) => /^[^\p{White_Space}\p{Cc}\p{Cs}+]+$/u.test(name);

  const parseKey = async (text) => {
    const [, name = '', id = '', key = ''] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text.trim()) ?? [];
    const raw = bytesOfBase64(key);
    require(isKeyName(name) && raw?.length === 33 && raw[0] === 1, 'verifier_key');
    require((await sha256(utf8.encode(`${name}\n`), raw)).slice(0, 8) === id, 'verifier_key');
    const publicKey = await crypto.subtle.importKey('raw', raw.subarray(1), 'Ed25519', false, ['verify']);
    return { name, id, publicKey };
  };

  const isCount = (number) => Number.isSafeInteger(number) && number >= 0;
  const emptyRoot = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

  const parseCheckpoint = (text) => {
    const pattern =
      /^([^\n]+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\nstream-heads (0|[1-9]\d{0,15}) ([A-Za-z0-9+/]{43}=)\nsigned-at ([^\n]+)\n$/;
    const [, origin = '', sizeText, rootText, countText, headsText, signedAt] = pattern.exec(text) ?? [];
    const [root, heads] = [bytesOfBase64(rootText ?? '-'), bytesOfBase64(headsText ?? '-')].map(
      (bytes) => bytes && hexOf(bytes),
    );
    const [size, count] = [Number(sizeText), Number(countText)];
    const empty = size === 0;
    const good =
      /^[!-*,-~]{1,100}$/.test(origin) &&
      root?.length === 64 &&
      heads?.length === 64 &&
      isCount(size) &&
      isCount(count) &&
      count <= size &&
      empty === (root === emptyRoot) &&
      empty === (count === 0) &&
      empty === (heads === zeros) &&
      isInstant(signedAt);
    require(good, 'checkpoint');
    return { origin, size, root, heads, signedAt };
  };

  const openCheckpoint = async (given, keys) => {
    const note = noteText(given, 'note');
    const end = note.lastIndexOf('\n\n');
    require(end >= 0 && note.endsWith('\n'), 'note');
    const text = note.slice(0, end + 1);
    const lines = note
      .slice(end + 2, -1)
      .split('\n')
      .map((line) => {
        const [dash, name = '', signed = '', ...more] = line.split(' ');
        const bytes = bytesOfBase64(signed);
        require(dash === '—' && more.length === 0 && isKeyName(name) && bytes?.length > 4, 'note');
        return { name, id: hexOf(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
      });
    const signedBy = [];
    for (const { name, id, signature } of lines) {
      const key = keys.find((known) => known.name === name && known.id === id);
      if (key === undefined) continue;
      require(!signedBy.includes(key), 'note', 'signed twice');
      const holds =
        signature.length === 64 && (await crypto.subtle.verify('Ed25519', key.publicKey, signature, utf8.encode(text)));
      require(holds, 'signature', name);
      signedBy.push(key);
    }
    require(signedBy.length > 0, 'unsigned', 'none of the known keys signed');
    const checkpoint = parseCheckpoint(text);
    require(signedBy.some(({ name }) => name === checkpoint.origin), 'origin');
    return checkpoint;
  };

  // Trees and heads, checkpoint.md.

  const splitOf = (size) => {
    let power = 1;
    while (power * 2 < size) power *= 2;
    return power;
  };

  const checkJoined = async (leaves, size, proof, root) => {
    require(leaves.length > 0 && leaves.at(-1).index < size, 'inclusion_form');
    let taken = 0;
    const rootOf = async (from, to, within) => {
      if (within.length === 0) {
        require(taken < proof.length, 'inclusion_form', 'too few hashes');
        taken += 1;
        return proof[taken - 1];
      }
      if (to - from === 1) return within[0].leafHash;
      const middle = from + splitOf(to - from);
      const left = await rootOf(
        from,
        middle,
        within.filter(({ index }) => index < middle),
      );
      return pair(
        1,
        left,
        await rootOf(
          middle,
          to,
          within.filter(({ index }) => index >= middle),
        ),
      );
    };
    const found = await rootOf(0, size, leaves);
    require(taken === proof.length, 'inclusion_form', 'too many hashes');
    require(found === root, 'inclusion_root');
  };

  const half = (number) => Math.floor(number / 2);

  /** Inclusion, and with `first` consistency: both climb the same way. */
  const climbTree = async (node, last, start, proof, problem, first) => {
    let [old, hash] = [first, start];
    for (const sibling of proof) {
      require(last > 0, problem, 'too many hashes');
      if (node % 2 === 1 || node === last) {
        if (old !== undefined) old = await pair(1, sibling, old);
        hash = await pair(1, sibling, hash);
        while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
      } else {
        hash = await pair(1, hash, sibling);
      }
      [node, last] = [half(node), half(last)];
    }
    require(last === 0, problem, 'too few hashes');
    return { old, hash };
  };

  const checkConsistency = async (from, fromRoot, to, toRoot, proof) => {
    if (from === 0 || from === to) {
      require(proof.length === 0, 'consistency_form');
      require(from === 0 || fromRoot === toRoot, 'consistency_root');
      return;
    }
    let [node, last] = [from - 1, to - 1];
    while (node % 2 === 1) [node, last] = [half(node), half(last)];
    const [first, ...rest] = node === 0 ? [fromRoot, ...proof] : proof;
    require(first !== undefined, 'consistency_form');
    const { old, hash } = await climbTree(node, last, first, rest, 'consistency_form', first);
    require(old === fromRoot && hash === toRoot, 'consistency_root');
  };

  const bitOf = (key, depth) => (parseInt(key[depth >> 2], 16) >> (3 - (depth & 3))) & 1;
  const climbMap = async (key, end, siblings, problem) => {
    require(siblings.length <= 256 && siblings[0] !== zeros, problem);
    let hash = end;
    for (const [at, sibling] of siblings.entries()) {
      hash = bitOf(key, siblings.length - 1 - at) === 0 ? await pair(4, hash, sibling) : await pair(4, sibling, hash);
    }
    return hash;
  };
  const streamKey = (stream) => sha256(utf8.encode(stream));

  const checkHead = async (stream, { revision, leafHash }, siblings, root) => {
    const key = await streamKey(stream);
    const number = new DataView(new ArrayBuffer(8));
    number.setBigUint64(0, BigInt(revision));
    const head = await sha256([2], new Uint8Array(number.buffer), bytesOfHex(leafHash));
    require((await climbMap(key, await pair(3, key, head), siblings, 'head_form')) === root, 'head_root', stream);
  };

  const checkAbsence = async (stream, { other, siblings }, root) => {
    const key = await streamKey(stream);
    const elsewhere = other !== undefined && siblings.some((_, depth) => bitOf(other.key, depth) !== bitOf(key, depth));
    require(other?.key !== key && !elsewhere, 'absence_form');
    const end = other === undefined ? zeros : await pair(3, other.key, other.head);
    require((await climbMap(key, end, siblings, 'absence_form')) === root, 'absence_root', stream);
  };

  // Events and chains, event.md.

  const isEvent = objectOf({
    actor: (value) => isId(value) || value === 'ledger/clock',
    causation: objectOf({ command: isName, commandId: matching(/^[A-Za-z0-9._:@/-]{1,200}$/), fingerprint: isHash }),
    data: isObject,
    'decidedAt?': isInstant,
    'effectiveAt?': isInstant,
    format: (value) => value === 1,
    id: matching(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
    'notifiedAt?': isInstant,
    'occurredAt?': isInstant,
    'personal?': (value) =>
      listOf(
        objectOf({
          box: base64((length) => length >= 18),
          nonce: base64((length) => length === 12),
          subject: isStream,
        }),
      )(value) &&
      value.length > 0 &&
      isAscending(value.map(({ subject }) => subject)),
    previous: isHash,
    recordedAt: isInstant,
    revision: integerFrom(0),
    'rulebook?': objectOf({ id: isId, rulebookVersion: isId, sha256: isHash }),
    schemaVersion: integerFrom(1),
    stream: isStream,
    type: isName,
  });

  const readEvents = async (bytes) => {
    const text = textOf(bytes);
    require(text?.endsWith('\n') === true, 'events_form');
    const events = [];
    for (const body of text.slice(0, -1).split('\n')) {
      const event = parseCanonical(body, 'event_bytes');
      require(isEvent(event), 'event_envelope');
      events.push({ event, leafHash: await sha256([0], utf8.encode(body)) });
    }
    return events;
  };

  const uuidOf = async (name) => {
    const namespace = bytesOfHex('7b0d5f0c9a0e4c62a5f2d1b6e8c34f19');
    const bytes = new Uint8Array(await crypto.subtle.digest('SHA-1', concat([namespace, utf8.encode(name)]))).slice(
      0,
      16,
    );
    bytes[6] = (bytes[6] & 0x0f) | 0x50;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    return hexOf(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  };

  const checkChains = async (events, { ledgerId, subject }) => {
    const opening = events[0].event;
    require(opening.type === 'LedgerOpened' &&
      opening.stream === 'ledger' &&
      opening.revision === 0 &&
      opening.data.ledgerId === ledgerId, 'opening');
    const streams = new Map();
    for (const packed of events) {
      const { stream } = packed.event;
      const hasPlace =
        ['ledger', 'rulebooks', `agency-${subject.agencyId}`].includes(stream) || stream.startsWith('evidence-');
      require(hasPlace, 'stream', stream);
      streams.set(stream, [...(streams.get(stream) ?? []), packed]);
    }
    require(streams.get('ledger').length === 1, 'opening');
    for (const [stream, chain] of streams) {
      let index = 0;
      for (const [at, { event }] of chain.entries()) {
        const before = chain[at - 1];
        const { causation, id, previous, recordedAt, revision, actor } = event;
        require(revision === at, 'revision', stream);
        require(previous === (before?.leafHash ?? zeros), 'previous', stream);
        require(before === undefined || recordedAt >= before.event.recordedAt, 'recordedAt', stream);
        const same = before?.event.causation;
        const isSibling = same?.command === causation.command && same.commandId === causation.commandId;
        const isOneAppend =
          actor === before?.event.actor &&
          recordedAt === before.event.recordedAt &&
          same?.fingerprint === causation.fingerprint;
        require(!isSibling || isOneAppend, 'id', stream);
        index = isSibling ? index + 1 : 0;
        const expected = await uuidOf(`${ledgerId}/${stream}/${causation.command}/${causation.commandId}#${index}`);
        require(id === expected, 'id', stream);
      }
    }
    return streams;
  };

  const checkRulebooks = async (streams) => {
    const chain = streams.get('rulebooks') ?? [];
    require(chain.length > 0, 'rulebook_missing');
    const nameOf = (reference) => canonical(reference);
    const register = [];
    for (const { event } of chain) {
      const { document, sha256: stated } = event.data;
      require(isObject(document) && ['RulebookShipped', 'RulebookPublished'].includes(event.type), 'rulebook_hash');
      const { id, rulebookVersion } = document;
      const found = await sha256(utf8.encode(canonical(document)));
      const from = Date.parse(document.effectiveFrom);
      require(!Number.isNaN(from) && stated === found && event.rulebook !== undefined, 'rulebook_hash');
      const reference = { id, rulebookVersion, sha256: found };
      require(nameOf(event.rulebook) === nameOf(reference), 'rulebook_hash');
      const { recordedAt, type } = event;
      register.push({ document, effectiveFrom: new Date(from).toISOString(), reference, recordedAt, type });
    }
    const known = new Set(register.map(({ reference }) => nameOf(reference)));
    for (const chained of streams.values()) {
      for (const { event } of chained) {
        require(event.rulebook === undefined || known.has(nameOf(event.rulebook)), 'rulebook_unknown');
      }
    }
    return register;
  };

  // Proofs and completeness.

  const isHashes = listOf(isHash);
  const isProofs = objectOf({
    absent: listOf(
      objectOf({ 'other?': objectOf({ head: isHash, key: isHash }), siblings: isHashes, stream: isStream }),
    ),
    consistency: listOf(objectOf({ from: integerFrom(0), proof: isHashes })),
    heads: listOf(objectOf({ siblings: isHashes, stream: isStream })),
    inclusion: isHashes,
    indexes: listOf(integerFrom(0)),
  });

  const readProofs = (bytes, eventsBytes) => {
    const proofs = parseCanonical(textOf(bytes), 'proofs_bytes');
    require(isProofs(proofs), 'proofs_form');
    const names = (list) => list.map(({ stream }) => stream);
    const inOrder = [
      proofs.indexes,
      names(proofs.heads),
      names(proofs.absent),
      proofs.consistency.map(({ from }) => from),
    ];
    const lines = eventsBytes.reduce((count, byte) => (byte === 10 ? count + 1 : count), 0);
    require(inOrder.every(isAscending) && proofs.indexes.length === lines, 'proofs_form');
    return proofs;
  };

  const itemsOf = ({ type, data }) =>
    type === 'AppealEvidenceSubmitted' && Array.isArray(data.items) ? data.items.filter(isObject) : [];

  const checkCompleteness = async (streams, { subject }, proofs, root) => {
    const agency = `agency-${subject.agencyId}`;
    const present = new Set(['rulebooks', agency, ...streams.keys()]);
    present.delete('ledger');
    const submitted = (streams.get(agency) ?? []).flatMap(({ event }) =>
      itemsOf(event).map(({ evidenceId }) => `evidence-${evidenceId}`),
    );
    const absent = new Set(submitted.filter((stream) => !present.has(stream)));
    const isSame = (wanted, given) => given.length === wanted.size && given.every(({ stream }) => wanted.has(stream));
    require(isSame(present, proofs.heads) && isSame(absent, proofs.absent), 'head_missing');
    for (const { stream, siblings } of proofs.heads) {
      const last = streams.get(stream)?.at(-1);
      require(last !== undefined, 'head_missing', stream);
      await checkHead(stream, { revision: last.event.revision, leafHash: last.leafHash }, siblings, root);
    }
    for (const proof of proofs.absent) await checkAbsence(proof.stream, proof, root);
  };

  // Receipts, receipt.md, and what a reader holds.

  const parseReceipt = (given) => {
    const text = noteText(given, 'receipt');
    const end = text.indexOf('\n\n');
    const [header, extra = '', indexLine = '', ...hashes] = end < 0 ? [] : text.slice(0, end).split('\n');
    const named = /^extra ([A-Za-z0-9+/=]+)$/.exec(extra)?.[1];
    const json = named === undefined ? undefined : bytesOfBase64(named);
    const found =
      /^\{"id":"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})","leafHash":"([0-9a-f]{64})","revision":(0|[1-9]\d{0,15}),"stream":"([A-Za-z0-9._:-]{1,80})"\}$/.exec(
        json === undefined ? '' : String.fromCharCode(...json),
      );
    const index = Number(/^index (0|[1-9]\d{0,15})$/.exec(indexLine)?.[1]);
    const proof = hashes
      .map((line) => bytesOfBase64(line))
      .map((bytes) => (bytes?.length === 32 ? hexOf(bytes) : undefined));
    const good = header === 'c2sp.org/tlog-proof@v1' && found !== null && isCount(index) && isCount(Number(found[3]));
    require(good && !proof.includes(undefined), 'receipt');
    const [, id, leafHash, revision, stream] = found;
    return { id, leafHash, revision: Number(revision), stream, index, proof, note: text.slice(end + 2) };
  };

  const checkHeld = async ({ checkpoints, receipts }, keys, checkpoint, proofs) => {
    const notes = [...checkpoints];
    for (const receipt of receipts) {
      try {
        notes.push(parseReceipt(receipt).note);
      } catch {
        // A receipt that is none has its own step.
      }
    }
    for (const note of notes) {
      const held = await openCheckpoint(note, keys);
      require(held.origin === checkpoint.origin, 'origin');
      require(held.size <= checkpoint.size, 'later');
      const known = proofs.consistency.find(({ from }) => from === held.size);
      require(known !== undefined || held.size === checkpoint.size || held.size === 0, 'consistency_missing');
      await checkConsistency(held.size, held.root, checkpoint.size, checkpoint.root, known?.proof ?? []);
    }
    return notes.length;
  };

  const checkReceipts = async ({ receipts }, keys, { origin }, streams) => {
    for (const given of receipts) {
      const receipt = parseReceipt(given);
      const held = await openCheckpoint(receipt.note, keys);
      require(receipt.index < held.size, 'inclusion_form');
      const { hash } = await climbTree(receipt.index, held.size - 1, receipt.leafHash, receipt.proof, 'inclusion_form');
      require(hash === held.root, 'inclusion_root');
      require(held.origin === origin, 'origin');
      const chain = streams.get(receipt.stream);
      const packed = chain?.find(({ event }) => event.revision === receipt.revision);
      require(chain === undefined ||
        (packed?.leafHash === receipt.leafHash && packed.event.id === receipt.id), 'event');
    }
    return receipts.length;
  };

  // Attachments, disclosure, redaction.

  const withheldOf = (streams, { redacted, subject }) => {
    const withheld = { events: new Set(), files: new Set() };
    if (redacted.length === 0) return withheld;
    const deductions = new Set();
    for (const [stream, chain] of streams) {
      for (const { event } of chain) {
        const { data, id, type } = event;
        const withhold = (sha256) => {
          withheld.events.add(id);
          if (sha256 !== undefined) withheld.files.add(sha256);
        };
        if (type === 'EvidenceRegistered' && data.subject?.kind === 'complaint') withhold(data.sha256);
        if (stream !== `agency-${subject.agencyId}`) continue;
        if (type === 'ComplaintFiled' || type === 'ComplaintClosed') withhold();
        if (type === 'DeductionImposed' && data.basis?.kind === 'complaint') {
          deductions.add(data.deductionId);
          withhold(data.noticeSha256);
        }
        if (type === 'DeductionCorrected' && deductions.has(data.deductionId)) withhold();
      }
    }
    return withheld;
  };

  const checkAttachments = async (contents, streams, withheld) => {
    const registered = new Set();
    for (const chain of streams.values()) {
      for (const { event } of chain) {
        const { data, type } = event;
        if (type === 'EvidenceRegistered' || type === 'PlatformBalanceObserved') registered.add(data.sha256);
        if (type === 'DeductionImposed') registered.add(data.noticeSha256);
        for (const { sha256 } of itemsOf(event)) registered.add(sha256);
      }
    }
    let count = 0;
    for (const [name, content] of contents) {
      if (!isAttachment(name)) continue;
      const hash = name.slice('attachments/'.length);
      require((await sha256(content)) === hash, 'attachment_hash', name);
      require(registered.has(hash), 'attachment_unregistered', name);
      require(!withheld.files.has(hash), 'redaction', name);
      count += 1;
    }
    return count;
  };

  const isDisclosure = listOf(objectOf({ id: matching(/^[0-9a-f-]{36}$/), personal: isObject }));

  const checkDisclosure = (bytes, events, withheld) => {
    if (bytes === undefined) return 0;
    const disclosed = parseCanonical(textOf(bytes), 'disclosure_bytes');
    require(isDisclosure(disclosed), 'disclosure_form');
    let at = -1;
    for (const { id, personal } of disclosed) {
      at = events.findIndex(({ event }, place) => place > at && event.id === id);
      const boxes = events[at]?.event.personal ?? [];
      require(boxes.length === 1, 'disclosure_event', id);
      const length = utf8.encode(canonical(personal)).length + 16;
      require(length === bytesOfBase64(boxes[0].box).length, 'disclosure_length', id);
      require(!withheld.events.has(id), 'redaction', id);
    }
    return disclosed.length;
  };

  // The computation.

  const lastAt = (list, at) => list.findLast(({ recordedAt }) => recordedAt <= at);
  const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

  const fold = (events) => {
    const history = {
      admissions: [],
      exits: [],
      pendings: [],
      expulsions: [],
      deductions: new Map(),
      appeals: new Map(),
    };
    const [readmissions, observations] = [[], []];
    const existing = (map, id) => {
      require(map.has(id), 'computation_events', `${id} was never recorded`);
      return map.get(id);
    };
    const endPending = (recordedAt, endedAt) => {
      const last = history.pendings.at(-1);
      if (last !== undefined) last.ended ??= { recordedAt, endedAt };
    };
    const kinds = { DeductionRevoked: 'revoked', DeductionAdjusted: 'adjusted', DeductionReinstated: 'reinstated' };
    const silent = new Set([
      ...['ReentryApplied', 'ComplaintFiled', 'ComplaintClosed', 'ComplaintsMerged', 'ComplaintUnmerged'],
      ...['GrowthPostRecorded', 'AssessmentComputed'],
    ]);
    for (const {
      actor,
      data,
      effectiveAt: sent,
      id: eventId,
      notifiedAt,
      occurredAt,
      recordedAt,
      revision,
      rulebook,
      schemaVersion,
      type,
    } of events) {
      require(schemaVersion === 1, 'computation_events', 'an unknown schema version');
      const effectiveAt = sent ?? recordedAt;
      const fact = { recordedAt, effectiveAt, episode: history.admissions.length };
      const values = () => {
        const { account, clause, period, points } = data;
        return { account, clause, effectiveAt, occurredAt: occurredAt ?? effectiveAt, period, points, rulebook };
      };
      const findings = (data.findings ?? []).map(({ code }) => code);
      if (type === 'AgencyAdmitted' || type === 'AgencyReadmitted') {
        history.admissions.push(fact);
        if (type === 'AgencyReadmitted') readmissions.push({ recordedAt, findings });
      } else if (type === 'AgencyExited') {
        history.exits.push(fact);
        endPending(recordedAt, effectiveAt);
      } else if (type === 'DeductionImposed') {
        const { basis, creatorId, deductionId, noticeSha256 } = data;
        const imposed = {
          actor,
          basis,
          creatorId,
          deductionId,
          eventId,
          findings,
          noticeSha256,
          notifiedAt,
          recordedAt,
          revision,
        };
        history.deductions.set(deductionId, {
          ...imposed,
          imposed: values(),
          corrections: [],
          decisions: [],
          appealIds: [],
        });
      } else if (type === 'DeductionCorrected') {
        existing(history.deductions, data.deductionId).corrections.push({ recordedAt, revision, values: values() });
      } else if (type in kinds) {
        const points = type === 'DeductionRevoked' ? 0 : data.points;
        const { appealId } = data;
        existing(history.deductions, data.deductionId).decisions.push({
          actor,
          appealId,
          kind: kinds[type],
          points,
          recordedAt,
          revision,
        });
      } else if (type === 'AppealInitiated') {
        const { appealId, deductionIds = [] } = data;
        history.appeals.set(appealId, { ...data, deductionIds, findings, recordedAt });
        for (const id of deductionIds) existing(history.deductions, id).appealIds.push(appealId);
      } else if (type === 'AppealEvidenceSubmitted') {
        existing(history.appeals, data.appealId).evidenceAt = recordedAt;
      } else if (type === 'AppealWithdrawn') {
        existing(history.appeals, data.appealId).withdrawnAt = recordedAt;
      } else if (type === 'AppealDecided') {
        existing(history.appeals, data.appealId).decided = { recordedAt, outcome: data.outcome, findings };
      } else if (type === 'PendingExpulsionOpened') {
        history.pendings.push({ ...fact, closesAt: data.closesAt, period: data.period });
      } else if (type === 'PendingExpulsionLifted') {
        endPending(recordedAt, effectiveAt);
      } else if (type === 'ExpulsionExecuted') {
        history.expulsions.push({
          ...fact,
          ...data,
          account: { id: data.account, carryOver: data.carryOver },
          findings,
        });
        endPending(recordedAt, effectiveAt);
      } else if (type === 'ExpulsionRevoked' || type === 'ExpulsionUnsupported') {
        const expulsion = existing(new Map(history.expulsions.entries()), data.expulsion);
        if (type === 'ExpulsionRevoked') expulsion.revokedAt = recordedAt;
      } else if (type === 'PlatformBalanceObserved') {
        observations.push({ recordedAt, period: data.period, findings });
      } else {
        require(silent.has(type), 'computation_events', `an unknown type ${type}`);
      }
    }
    return { ...history, readmissions, observations };
  };

  const valuesAt = (deduction, at) => lastAt(deduction.corrections, at)?.values ?? deduction.imposed;
  const pointsAt = (deduction, at) => lastAt(deduction.decisions, at)?.points ?? valuesAt(deduction, at).points;
  const episodeAt = ({ admissions }, effectiveAt, knownAt) =>
    admissions.filter((fact) => fact.recordedAt <= knownAt && fact.effectiveAt <= effectiveAt).length;

  const linesAt = (history, { effectiveAt, knownAt, period, account }) => {
    const episode = episodeAt(history, effectiveAt, knownAt);
    const reasonOf = (values, counts) => {
      if (counts === 0) return 'revoked';
      if (values.effectiveAt > effectiveAt) return 'scheduled';
      if (episode === 0 || episodeAt(history, values.effectiveAt, knownAt) !== episode) return 'other_episode';
      if (values.period !== period) return 'cleared_by_reset';
      return values.account === account.id ? undefined : 'other_account';
    };
    return [...history.deductions.values()]
      .filter(({ recordedAt }) => recordedAt <= knownAt)
      .map((deduction) => {
        const [values, counts] = [valuesAt(deduction, knownAt), pointsAt(deduction, knownAt)];
        return { deductionId: deduction.deductionId, values, counts, reason: reasonOf(values, counts) };
      });
  };
  const newPointsAt = (history, question) =>
    linesAt(history, question).reduce((sum, { counts, reason }) => (reason === undefined ? sum + counts : sum), 0);
  const carriedAt = (history, question) => {
    const { carryOver } = question.account;
    if (carryOver === null) return 0;
    const period = String(Number(question.period) - 1);
    return newPointsAt(history, { ...question, period }) >= carryOver.atLeast ? carryOver.as : 0;
  };
  const sumAt = (history, question) => carriedAt(history, question) + newPointsAt(history, question);

  const standingAt = (history, effectiveAt, knownAt) => {
    const episode = episodeAt(history, effectiveAt, knownAt);
    if (episode === 0) return { standing: 'not_admitted', episode };
    const holds = (fact) => fact.episode === episode && fact.recordedAt <= knownAt && fact.effectiveAt <= effectiveAt;
    const expulsion = history.expulsions.findLast((one) => holds(one) && !(one.revokedAt <= knownAt));
    if (expulsion !== undefined) return { standing: 'expelled', episode, expulsion };
    if (history.exits.some(holds)) return { standing: 'exited', episode };
    const pending = history.pendings.find(
      (one) => holds(one) && !(one.ended?.recordedAt <= knownAt && one.ended.endedAt <= effectiveAt),
    );
    return pending === undefined
      ? { standing: 'active', episode }
      : { standing: 'pending_expulsion', episode, pending };
  };

  const stateAt = ({ decided, evidenceAt, evidenceBy, outOfTime, withdrawnAt }, at) => {
    if (decided?.recordedAt <= at) return decided.outcome;
    if (withdrawnAt <= at) return 'withdrawn';
    if (outOfTime) return 'out_of_time';
    if (evidenceAt <= at) return 'evidence_submitted';
    return at >= evidenceBy ? 'lapsed' : 'initiated';
  };

  const findingsAt = (history, knownAt, period) => {
    const found = [];
    const add = ({ recordedAt, findings }) => {
      if (recordedAt <= knownAt) found.push(...findings.map((code) => ({ recordedAt, code })));
    };
    const touches = (id) =>
      history.deductions.has(id) && valuesAt(history.deductions.get(id), knownAt).period === period;
    for (const deduction of history.deductions.values()) if (touches(deduction.deductionId)) add(deduction);
    for (const appeal of history.appeals.values()) {
      const named = appeal.expulsion === undefined ? undefined : history.expulsions[appeal.expulsion]?.period;
      if (named !== period && !appeal.deductionIds.some(touches)) continue;
      add(appeal);
      if (appeal.decided !== undefined) add(appeal.decided);
    }
    for (const expulsion of history.expulsions) if (expulsion.period === period) add(expulsion);
    for (const readmission of history.readmissions) add(readmission);
    for (const observation of history.observations) if (observation.period === period) add(observation);
    found.sort((a, b) => byText(a.recordedAt, b.recordedAt));
    return [...new Set(found.map(({ code }) => code))];
  };

  const inForceAt = (register, effectiveAt, knownAt) => {
    const published = register.filter(({ type, recordedAt }) => type === 'RulebookPublished' && recordedAt <= knownAt);
    const known = published.length > 0 ? published : register.filter(({ type }) => type === 'RulebookShipped');
    require(known.length > 0, 'computation_events', 'no rulebook is known');
    const sorted = known.toSorted((a, b) => byText(a.effectiveFrom, b.effectiveFrom));
    return sorted.findLast(({ effectiveFrom }) => effectiveFrom <= effectiveAt) ?? sorted[0];
  };

  const balanceAt = (history, register, { account: id, effectiveAt, period }, knownAt) => {
    const { document, reference } = inForceAt(register, effectiveAt, knownAt);
    const account = document.accounts.find((one) => one.id === id);
    require(account !== undefined, 'computation_events', 'no such account');
    const question = { effectiveAt, knownAt, period, account };
    const carriedOver = carriedAt(history, question);
    const lines = linesAt(history, question).sort(
      (a, b) => byText(a.values.effectiveAt, b.values.effectiveAt) || byText(a.deductionId, b.deductionId),
    );
    let running = carriedOver;
    const counted = lines
      .filter(({ reason }) => reason === undefined)
      .map(({ counts, deductionId, values }) => {
        running += counts;
        return { counts, deductionId, effectiveAt: values.effectiveAt, points: values.points, running };
      });
    const { standing, episode, expulsion, pending } = standingAt(history, effectiveAt, knownAt);
    const assumed = [
      'attribution',
      ...(pending ? ['lastChanceDays'] : []),
      ...(expulsion ? ['banDays', 'banCount'] : []),
    ];
    return {
      account: id,
      assumptions: assumed
        .filter((name) => document.parameters[name].assumed)
        .map((name) => `${name}=${document.parameters[name].value}`),
      balance: running,
      carriedOver,
      effectiveAt,
      episode,
      expulsion:
        expulsion === undefined
          ? null
          : {
              effectiveAt: expulsion.effectiveAt,
              reentryFrom: expulsion.reentryFrom,
              supported:
                sumAt(history, {
                  effectiveAt: expulsion.effectiveAt,
                  knownAt,
                  period: expulsion.period,
                  account: expulsion.account,
                }) >= expulsion.threshold,
            },
      findings: findingsAt(history, knownAt, period),
      knownAt,
      lines: counted,
      nodesReached: account.nodes.map(({ points }) => points).filter((points) => points <= running),
      notCounted: lines
        .filter(({ reason }) => reason !== undefined)
        .map(({ deductionId, reason }) => ({ deductionId, reason })),
      pending:
        pending === undefined
          ? null
          : { closesAt: pending.closesAt, openedAt: pending.effectiveAt, period: pending.period },
      rulebook: reference,
      standing,
      threshold: account.threshold,
    };
  };

  const shown = new Set([
    ...[
      'AgencyAdmitted',
      'AgencyExited',
      'AgencyReadmitted',
      'DeductionImposed',
      'DeductionCorrected',
      'DeductionRevoked',
    ],
    ...['DeductionAdjusted', 'DeductionReinstated', 'AppealInitiated', 'AppealEvidenceSubmitted', 'AppealWithdrawn'],
    ...[
      'AppealDecided',
      'PendingExpulsionOpened',
      'PendingExpulsionLifted',
      'ExpulsionExecuted',
      'ExpulsionUnsupported',
    ],
    ...['ExpulsionRevoked', 'ReentryApplied'],
  ]);

  const timelineOf = (history, events, period, account) =>
    events
      .filter(({ type }) => shown.has(type))
      .map(({ data: { appealId, deductionId }, recordedAt, revision, type }) => ({
        about: deductionId !== undefined ? { deductionId } : appealId !== undefined ? { appealId } : undefined,
        balance: sumAt(history, { effectiveAt: recordedAt, knownAt: recordedAt, period, account }),
        recordedAt,
        revision,
        standing: standingAt(history, recordedAt, recordedAt).standing,
        type,
      }));

  const detailOf = (deduction, history, at) => {
    const { account: _account, ...values } = valuesAt(deduction, at);
    const { actor, appealIds, basis, corrections, creatorId, decisions, deductionId, eventId, findings } = deduction;
    const { noticeSha256, notifiedAt, recordedAt, revision } = deduction;
    return {
      ...{
        actor,
        basis,
        creatorId,
        decisions,
        deductionId,
        eventId,
        findings,
        noticeSha256,
        notifiedAt,
        recordedAt,
        revision,
      },
      appeals: appealIds.map((appealId) => {
        const appeal = history.appeals.get(appealId);
        return { appealId, kind: appeal.kind, state: stateAt(appeal, at) };
      }),
      corrections: corrections.map(({ recordedAt, revision }) => ({ recordedAt, revision })),
      ...values,
    };
  };

  const clausesOf = (deductions, register) => {
    const found = new Map();
    for (const { clause: id, rulebook } of deductions) {
      const { document } = register.find(({ reference }) => reference.sha256 === rulebook?.sha256) ?? {};
      const clause = document?.clauses.find((one) => one.id === id);
      if (clause === undefined) continue;
      const { points, text, title } = clause;
      found.set(`${rulebook.sha256} ${id}`, { ...rulebook, clause: id, points, text, title });
    }
    return [...found].sort(([a], [b]) => byText(a, b)).map(([, clause]) => clause);
  };

  const appealOf = (history, appealId, then, now) => {
    const appeal = history.appeals.get(appealId);
    require(appeal !== undefined, 'computation_events', 'no such appeal');
    const { decided, deductionIds, evidenceAt, evidenceBy, expulsion, initiateBy, kind, recordedAt } = appeal;
    const at = (instant) => (recordedAt <= instant ? stateAt(appeal, instant) : null);
    return {
      ...{ appealId, decidedAt: decided?.recordedAt, deductionIds, evidenceBy, evidenceSubmittedAt: evidenceAt },
      ...{ expulsion, initiateBy, initiatedAt: recordedAt, kind, now: at(now), then: at(then) },
    };
  };

  const computed = (streams, register, manifest, signedAt) => {
    const { account, effectiveAt, knownAt, period, subject } = manifest;
    for (const chain of streams.values())
      require(chain.at(-1).event.recordedAt <= signedAt, 'computation_events', 'recorded after the checkpoint');
    const events = (streams.get(`agency-${subject.agencyId}`) ?? []).map(({ event }) => event);
    const history = fold(events);
    const isKnownAt = (at) => history.admissions.some(({ recordedAt }) => recordedAt <= at);
    require(isKnownAt(signedAt), 'computation_events', 'no such agency');
    const isAsked = (deduction) =>
      [knownAt, signedAt].some((at) => {
        const values = valuesAt(deduction, at);
        return deduction.recordedAt <= at && values.period === period && values.account === account;
      });
    const deductions = [...history.deductions.values()]
      .filter(isAsked)
      .sort((a, b) => byText(a.deductionId, b.deductionId))
      .map((deduction) => detailOf(deduction, history, signedAt));
    const terms = inForceAt(register, effectiveAt, signedAt).document.accounts.find(({ id }) => id === account);
    require(terms !== undefined, 'computation_events', 'no such account');
    return {
      account,
      agencyId: subject.agencyId,
      appeal: subject.appealId === undefined ? undefined : appealOf(history, subject.appealId, knownAt, signedAt),
      clauses: clausesOf(deductions, register),
      deductions,
      effectiveAt,
      now: balanceAt(history, register, manifest, signedAt),
      period,
      then: isKnownAt(knownAt) ? balanceAt(history, register, manifest, knownAt) : null,
      timeline: timelineOf(history, events, period, terms),
      zone: streams.get('ledger')[0].event.data.zone,
    };
  };

  const compute = (...given) => {
    try {
      return computed(...given);
    } catch (error) {
      if (error instanceof Problem) throw error;
      throw new Problem('computation_events', error.message);
    }
  };

  // The statement. A page cannot vouch for itself: which pages are known is for the other verifiers.

  const checkStatement = (contents) => {
    const page = textOf(contents.get('statement.html')) ?? '';
    const start = '<script type="application/json" id="pack">';
    const from = page.indexOf(start) + start.length;
    const to = page.indexOf('</' + 'script>', from);
    require(from >= start.length && to >= 0, 'statement_page');
    const text = (name) => textOf(contents.get(name));
    const disclosed = contents.has('disclosed.json') ? `,"disclosed":${text('disclosed.json')}` : '';
    const data = `{"checkpoint":${canonical(text('checkpoint.txt'))},"computation":${text('computation.json')}${disclosed}}`;
    require(page.slice(from, to) === data.replaceAll('<', '\\u003c'), 'statement_data');
  };

  /** Every step of the specification, in order: `{step, result, problem?, message}`. */
  const verify = async (zip, keyTexts, checkpoints = [], receipts = []) => {
    const checks = [];
    const held = { checkpoints, receipts };
    const need = (...results) => {
      if (results.includes(undefined)) throw new Unchecked();
    };
    const take = async (step, check, needed = []) => {
      try {
        need(...needed);
        const result = (await check()) ?? true;
        checks.push({ step, result: 'holds', message: '' });
        return result;
      } catch (error) {
        if (error instanceof Unchecked) checks.push({ step, result: 'unchecked', message: '' });
        else if (error instanceof Problem)
          checks.push({ step, result: 'fails', problem: error.problem, message: error.message });
        else throw error;
        return undefined;
      }
    };
    const keys = await Promise.all(keyTexts.map(parseKey));
    const entries = await take('zip', () => readZip(zip));
    const manifest = await take('manifest', () => readManifest(entries[0].content), [entries]);
    const contents = await take('files', () => checkFiles(entries, manifest), [manifest]);
    const file = (name) => contents.get(name);
    const checkpoint = await take(
      'checkpoint',
      async () => {
        const opened = await openCheckpoint(file('checkpoint.txt'), keys);
        require(opened.origin === manifest.origin, 'origin');
        require(manifest.knownAt <= opened.signedAt, 'signed_before');
        return opened;
      },
      [contents],
    );
    const events = await take('events', () => readEvents(file('events.ndjson')), [contents]);
    const proofs = await take('proofs', () => readProofs(file('proofs.json'), file('events.ndjson')), [contents]);
    const streams = await take('chains', () => checkChains(events, manifest), [events]);
    const register = await take('rulebooks', () => checkRulebooks(streams), [streams]);
    await take(
      'inclusion',
      async () => {
        require(proofs.indexes[0] === 0, 'inclusion_form');
        const leaves = events.map(({ leafHash }, at) => ({ leafHash, index: proofs.indexes[at] }));
        await checkJoined(leaves, checkpoint.size, proofs.inclusion, checkpoint.root);
      },
      [checkpoint, events, proofs],
    );
    await take('completeness', () => checkCompleteness(streams, manifest, proofs, checkpoint.heads), [
      checkpoint,
      proofs,
      streams,
    ]);
    await take('consistency', () => checkHeld(held, keys, checkpoint, proofs), [checkpoint, proofs]);
    await take('receipts', () => checkReceipts(held, keys, checkpoint, streams), [checkpoint, streams]);
    const withheld = streams && withheldOf(streams, manifest);
    await take('attachments', () => checkAttachments(contents, streams, withheld), [streams]);
    await take('disclosure', () => checkDisclosure(file('disclosed.json'), events, withheld), [streams]);
    const computation = await take(
      'computation',
      () => {
        const answer = compute(streams, register, manifest, checkpoint.signedAt);
        require(canonical(answer) === textOf(file('computation.json')), 'computation_differs');
        return answer;
      },
      [checkpoint, register],
    );
    await take('statement', () => checkStatement(contents), [contents]);
    if (contents?.has('statement.pdf')) checks.at(-1).message ||= 'statement.pdf was not compared';
    return { holds: checks.every(({ result }) => result === 'holds'), checks, manifest, computation };
  };

  return { verify, sha256 };
})();
