import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type Server } from 'node:tls';
import { SettingsError, type Settings } from './settings.js';

/** A certificate, its chain behind it, and its private key, in PEM. */
export interface TlsPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

type SecureServer = Pick<Server, 'setSecureContext'>;

/** News of the files of a certificate, for the service's log. */
export type TlsNotice =
  | { readonly kind: 'renewed'; readonly expiresAt: string }
  | { readonly kind: 'unusable'; readonly problem: string };

/**
 * The oldest TLS that is spoken. What is older has known weaknesses (RFC 8996), whatever the
 * machine's own settings allow.
 */
const oldestTls = 'TLSv1.2';

/** The interval between looks at the files. */
const lookEveryMs = 2_000;

/**
 * The files of the service's certificate and private key. They can be renewed while it serves: new
 * connections get the new certificate, and open ones go on.
 */
export class TlsFiles {
  #pair: TlsPair;
  /** The pair that was last read and could not be used, or that the files could not be read. */
  #unusable: TlsPair | 'unread' | undefined;

  private constructor(
    private readonly settings: Settings,
    pair: TlsPair,
  ) {
    this.#pair = pair;
  }

  /**
   * Reads the files that the settings name; `undefined` where they name none.
   *
   * @throws SettingsError when one cannot be read, or they do not belong together
   */
  static read(settings: Settings): TlsFiles | undefined {
    if (!settings.hasTls) return undefined;
    const pair = readPair(settings);
    assertUsable(pair);
    return new TlsFiles(settings, pair);
  }

  /** The options of a server that begins. */
  get options(): TlsPair & { readonly minVersion: typeof oldestTls } {
    return { ...this.#pair, minVersion: oldestTls };
  }

  /** The end of the certificate's validity, an instant in UTC: `2027-03-01T12:00:00.000Z`. */
  get expiresAt(): string {
    return new Date(new X509Certificate(this.#pair.cert).validTo).toISOString();
  }

  /**
   * Looks at the files from time to time, and gives the server what they hold once that has changed
   * and can be used. A pair that is half written is left alone until the other half is there.
   *
   * @returns what stops it
   */
  watch(server: SecureServer, onNotice: (notice: TlsNotice) => void): () => void {
    const look = setInterval(() => {
      const notice = this.#renew(server);
      if (notice !== undefined) onNotice(notice);
    }, lookEveryMs);
    look.unref();
    return () => clearInterval(look);
  }

  #renew(server: SecureServer): TlsNotice | undefined {
    let pair: TlsPair | undefined;
    try {
      pair = readPair(this.settings);
      if (isSame(pair, this.#pair) || isSame(pair, this.#unusable)) return undefined;
      assertUsable(pair);
      server.setSecureContext({ ...pair, minVersion: oldestTls });
    } catch (error) {
      const isNews = pair !== undefined || this.#unusable !== 'unread';
      this.#unusable = pair ?? 'unread';
      const problem = error instanceof Error ? error.message : String(error);
      return isNews ? { kind: 'unusable', problem } : undefined;
    }
    this.#pair = pair;
    this.#unusable = undefined;
    return { kind: 'renewed', expiresAt: this.expiresAt };
  }
}

function isSame(a: TlsPair, b: TlsPair | 'unread' | undefined): boolean {
  return typeof b === 'object' && a.cert.equals(b.cert) && a.key.equals(b.key);
}

function readPair({ tlsCert = '', tlsKey = '' }: Settings): TlsPair {
  return { cert: read('LEDGER_TLS_CERT', tlsCert), key: read('LEDGER_TLS_KEY', tlsKey) };
}

function read(variable: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new SettingsError(
      `${variable}: cannot read "${file}": ` +
        (error instanceof Error ? error.message : String(error)),
    );
  }
}

function assertUsable(pair: TlsPair): void {
  try {
    createSecureContext(pair);
  } catch (error) {
    throw new SettingsError(
      'LEDGER_TLS_CERT and LEDGER_TLS_KEY: give a certificate and the private key that belongs ' +
        `to it, both in PEM (${error instanceof Error ? error.message : String(error)})`,
    );
  }
}
