import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import type { InBoth } from '@penalty-ledger/ledger';
import { formatVerifierKey, signerKey, type SignerKey } from '@penalty-ledger/merkle-log';
import { KeysDifferError } from './key-errors.js';
import type { KeyFile } from './key-file.js';
import type { KeyFileProtection } from './key-file-protection.js';
import type { SigningRow } from './key-tables.js';

/** The public half of a signing key. */
export interface SigningKey {
  /** As a C2SP signed-note verifier key: `name+hash+key`. What a third party needs to verify. */
  readonly verifierKey: string;
  /** SubjectPublicKeyInfo, PEM. */
  readonly publicPem: string;
}

/** The Ed25519 keys in a key file that a ledger signs with, by their signed-note names. */
export class SigningKeys {
  constructor(
    private readonly file: KeyFile,
    private readonly protection: KeyFileProtection,
  ) {}

  /** The public half of a key, if it was ever made. */
  find(name: string): SigningKey | undefined {
    const row = this.row(name);
    return row === undefined ? undefined : this.#publicHalfOf(row);
  }

  /** The public half of a key, which is made on first use. */
  findOrMake(name: string): SigningKey {
    return this.#publicHalfOf(this.#rowOrMade(name));
  }

  /** The key itself, made on first use. */
  signer(name: string): SignerKey {
    return signerKey(name, this.#privateKeyIn(this.#rowOrMade(name)));
  }

  /**
   * The key that is to follow another one of the same name, made on first use. It signs only beside
   * the other, until {@link promoteNext}.
   */
  next(name: string): SignerKey {
    const row = this.row(nextOf(name)) ?? this.#make(nextOf(name));
    return signerKey(name, this.#privateKeyIn(row));
  }

  /** The key that is to follow, if it was made. */
  findNext(name: string): SignerKey | undefined {
    const row = this.row(nextOf(name));
    return row === undefined ? undefined : signerKey(name, this.#privateKeyIn(row));
  }

  /** Puts the key that was to follow in the other's place, whose private half is destroyed. */
  promoteNext(name: string): void {
    this.file.inTransaction(() => {
      const next = this.row(nextOf(name));
      if (next === undefined) return;
      const remove = this.file.database.prepare('DELETE FROM signingKeys WHERE name = ?');
      remove.run(name);
      remove.run(nextOf(name));
      const row = { ...next, name };
      this.file.database
        .prepare('INSERT INTO signingKeys (name, privatePem, publicPem) VALUES (?, ?, ?)')
        .run(row.name, this.#storedPem(row), row.publicPem);
    });
  }

  /** Forgets a key that its ledger does not sign with any more, and what was to follow it. */
  forget(name: string): void {
    this.file.inTransaction(() => {
      const remove = this.file.database.prepare('DELETE FROM signingKeys WHERE name IN (?, ?)');
      remove.run(name, nextOf(name));
    });
  }

  /** Both halves of a key in PEM, if it was ever made. */
  row(name: string): SigningRow | undefined {
    const select = 'SELECT privatePem, publicPem FROM signingKeys WHERE name = ?';
    const stored = this.file.get(select, name) as Omit<SigningRow, 'name'> | undefined;
    this.protection.assertSame();
    if (stored === undefined) return undefined;
    const row = { name, ...stored };
    if (!this.protection.isOn) return row;
    const sealed = Buffer.from(row.privatePem, 'base64');
    const bytes = this.protection.open(labelOf(row), sealed, described(name));
    return { ...row, privatePem: Buffer.from(bytes).toString('utf8') };
  }

  /** Every key, in order of their names. @throws IntegrityError when one is not as it was stored */
  rows(): readonly SigningRow[] {
    const names = this.file.all('SELECT name FROM signingKeys ORDER BY name') as {
      readonly name: string;
    }[];
    const rows = names.flatMap(({ name }) => this.row(name) ?? []);
    for (const row of rows) this.#privateKeyIn(row);
    return rows;
  }

  /** Stores a new key. */
  put(row: SigningRow): void {
    this.file.inTransaction(() => {
      this.protection.assertSame();
      this.file.database
        .prepare('INSERT INTO signingKeys (name, privatePem, publicPem) VALUES (?, ?, ?)')
        .run(row.name, this.#storedPem(row), row.publicPem);
    });
  }

  /** Stores a key that is lacking here. @throws KeysDifferError when its name has another here */
  add(row: SigningRow): void {
    const here = this.row(row.name);
    if (here === undefined) this.put(row);
    else if (here.publicPem !== row.publicPem) throw new KeysDifferError(this.file.path, row.name);
  }

  /**
   * Takes in a key that another machine shared.
   *
   * @throws KeysDifferError when it is not the one of this verifier key, or there is another here
   */
  take(name: string, privatePem: string, verifierKey: string): void {
    const row = { name, privatePem, publicPem: publicPemOf(privatePem) };
    if (this.#publicHalfOf(row).verifierKey !== verifierKey)
      throw new KeysDifferError(this.file.path, name);
    this.add(row);
  }

  /** Stores keys again that are there, after a change of the file's protection. */
  rewrite(rows: readonly SigningRow[]): void {
    const update = this.file.database.prepare(
      'UPDATE signingKeys SET privatePem = ? WHERE name = ?',
    );
    for (const row of rows) update.run(this.#storedPem(row), row.name);
  }

  #rowOrMade(name: string): SigningRow {
    return this.row(name) ?? this.#make(name);
  }

  #make(name: string): SigningRow {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const row = { name, privatePem: privateKey, publicPem: publicKey };
    this.put(row);
    return row;
  }

  /** The private half as it is stored. */
  #storedPem(row: SigningRow): string {
    if (!this.protection.isOn) return row.privatePem;
    const sealed = this.protection.seal(labelOf(row), Buffer.from(row.privatePem));
    return Buffer.from(sealed).toString('base64');
  }

  #publicHalfOf(row: SigningRow): SigningKey {
    const verifierKey = formatVerifierKey(signerKey(row.name, this.#privateKeyIn(row)));
    return { verifierKey, publicPem: row.publicPem };
  }

  /**
   * The private half, which must be that of the public one beside it.
   *
   * @throws IntegrityError when one of the two is not as it was stored
   */
  #privateKeyIn({ name, privatePem, publicPem }: SigningRow): KeyObject {
    let cause: unknown;
    try {
      const key = createPrivateKey(privatePem);
      if (publicPemOf(key) === publicPem) return key;
    } catch (error) {
      cause = error;
    }
    throw this.file.notStored(described(name), cause);
  }
}

/** The row of the key that is to follow another. */
const nextOf = (name: string): string => `${name}/next`;

const described = (name: string): InBoth => ({
  en: `the signing key "${name}"`,
  zh: `签名密钥 "${name}" `,
});

/** The public half is in it: another one beside the private half is found. */
const labelOf = ({ name, publicPem }: SigningRow): string => `signingKeys\0${name}\0${publicPem}`;

function publicPemOf(privateKey: KeyObject | string): string {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
}
