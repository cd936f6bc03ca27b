import { errors, type JWTVerifyGetKey } from 'jose';

/** The issuer gives no keys now, so nothing can be said about a token. */
export class IssuerUnreachableError extends Error {
  constructor(readonly retryAfterSeconds: number) {
    super('the issuer gives no keys');
  }
}

export interface IssuerKeysParts {
  /** Fetches the keys anew. */
  readonly fetchKeys: () => Promise<JWTVerifyGetKey>;
  /** Milliseconds on a clock that nobody sets back. */
  readonly monotonicMs: () => number;
  /** Called for each fetch that failed. */
  readonly onProblem: (problem: string) => void;
}

/** Keys are fetched again after so long, so that one the issuer withdrew stops counting. */
const freshMs = 600_000;

/** The shortest time between two fetches, whatever tokens come and however the first ended. */
export const coolDownMs = 30_000;

/** The longest that keys serve without having been fetched again. */
const heldMs = 86_400_000;

/**
 * The keys of an issuer, as last fetched. While the issuer cannot be reached those keys go on
 * serving, for a day; an issuer that is away is asked once in {@link coolDownMs}.
 */
export class IssuerKeys {
  #held: { readonly find: JWTVerifyGetKey; readonly atMs: number } | undefined;
  #lastFetch: { readonly atMs: number; readonly failed: boolean } | undefined;
  #fetching: Promise<void> | undefined;

  constructor(private readonly parts: IssuerKeysParts) {}

  /** Finds the key of a token. @throws IssuerUnreachableError, and jose's errors */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    if (this.#ageMs() > freshMs) await this.#refresh();
    try {
      return await this.#keys()(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      // The issuer may have made a new key since.
      await this.#fetch();
      if (this.#lastFetch?.failed === true) throw this.#unreachable();
      return this.#keys()(header, token);
    }
  };

  /** Waits for the fetch, except while the issuer is away and the keys it gave still serve. */
  async #refresh(): Promise<void> {
    const fetching = this.#fetch();
    if (this.#lastFetch?.failed !== true || this.#ageMs() > heldMs) await fetching;
  }

  #ageMs(): number {
    return this.#held === undefined ? Infinity : this.parts.monotonicMs() - this.#held.atMs;
  }

  #keys(): JWTVerifyGetKey {
    if (this.#held === undefined || this.#ageMs() > heldMs) throw this.#unreachable();
    return this.#held.find;
  }

  #unreachable(): IssuerUnreachableError {
    return new IssuerUnreachableError(Math.max(1, Math.ceil(this.#coolsForMs() / 1_000)));
  }

  #coolsForMs(): number {
    if (this.#lastFetch === undefined) return 0;
    return this.#lastFetch.atMs + coolDownMs - this.parts.monotonicMs();
  }

  /** Fetches, once for all who wait, unless a fetch ended a moment ago. */
  async #fetch(): Promise<void> {
    if (this.#fetching === undefined && this.#coolsForMs() > 0) return;
    this.#fetching ??= this.#fetchNow().finally(() => {
      this.#fetching = undefined;
    });
    await this.#fetching;
  }

  async #fetchNow(): Promise<void> {
    const { fetchKeys, monotonicMs, onProblem } = this.parts;
    try {
      const find = await fetchKeys();
      this.#held = { find, atMs: monotonicMs() };
      this.#lastFetch = { atMs: monotonicMs(), failed: false };
    } catch (error) {
      this.#lastFetch = { atMs: monotonicMs(), failed: true };
      onProblem(error instanceof Error ? error.message : String(error));
    }
  }
}
