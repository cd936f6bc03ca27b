import { sentence, type InBoth, type Sentence } from '@penalty-ledger/ledger';

/** The parts that are checked, in this order. */
export const checkNames = [
  'files',
  'guards',
  'events',
  'row MACs',
  'form',
  'leaf hashes',
  'streams',
  'ids',
  'times',
  'tree',
  'checkpoints',
  'outside',
  'keys',
  'rulebooks',
  'decisions',
  'read models',
  'access log',
] as const;

export type CheckName = (typeof checkNames)[number];

/** The things that checks count. */
export type CheckUnit =
  | 'commands on agencies'
  | 'entries'
  | 'events'
  | 'events that name one'
  | 'files'
  | 'kept'
  | 'read models'
  | 'streams'
  | 'subjects'
  | 'tiles'
  | 'triggers';

/** One thing that is not as it was recorded, and where. */
export interface Damage {
  readonly check: CheckName;
  readonly stream?: string;
  readonly revision?: number;
  /** In the store: 1, 2, 3, …, or its text where the engine's positions have gaps. */
  readonly position?: number | string;
  /** The problem, as the end of a sentence that begins with the place. */
  readonly problem: Sentence;
}

export interface Place {
  readonly stream?: string | undefined;
  readonly revision?: number;
  readonly position?: number | string;
}

/** The result of one check. */
export interface CheckResult {
  readonly check: CheckName;
  /** The number of things it looked at. */
  readonly count: number;
  readonly unit: CheckUnit;
  readonly damages: readonly Damage[];
  /** The reason why the check could not be made; then it found nothing. */
  readonly notMade?: Sentence;
}

/** Collects what checks find, each at once and all of it. */
export class Findings {
  readonly #damages = new Map<CheckName, Damage[]>();
  readonly #counts = new Map<CheckName, { count: number; readonly unit: CheckUnit }>();
  readonly #notMade = new Map<CheckName, Sentence>();

  damage(check: CheckName, place: Place, problem: InBoth): void {
    const { stream, revision, position } = place;
    const damage: Damage = {
      check,
      ...(stream !== undefined && { stream }),
      ...(revision !== undefined && { revision }),
      ...(position !== undefined && { position }),
      problem: sentence(problem),
    };
    this.of(check).push(damage);
  }

  /** Says that a check looked at so many things. */
  counted(check: CheckName, count: number, unit: CheckUnit): void {
    this.#counts.set(check, { count, unit });
  }

  notMade(check: CheckName, why: InBoth): void {
    this.#notMade.set(check, sentence(why));
  }

  /** The first damage found, if there is any. */
  get first(): Damage | undefined {
    return this.results().flatMap(({ damages }) => damages)[0];
  }

  of(check: CheckName): Damage[] {
    let found = this.#damages.get(check);
    if (found === undefined) this.#damages.set(check, (found = []));
    return found;
  }

  results(): readonly CheckResult[] {
    return checkNames
      .filter(
        (check) => this.#counts.has(check) || this.#damages.has(check) || this.#notMade.has(check),
      )
      .map((check) => {
        const { count, unit } = this.#counts.get(check) ?? { count: 0, unit: 'events' as const };
        const notMade = this.#notMade.get(check);
        return {
          check,
          count,
          unit,
          damages: this.of(check),
          ...(notMade !== undefined && { notMade }),
        };
      });
  }
}
