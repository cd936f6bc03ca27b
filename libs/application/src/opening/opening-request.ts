import 'reflect-metadata';
import { IsBoolean, IsIn, IsOptional, Matches, validateSync } from 'class-validator';
import { sameInBoth, type InBoth, type Mode } from '@penalty-ledger/ledger';
import { storeUrlStart } from '../stores/store-url.js';

/** The form of each field. */
const wanted: Readonly<Partial<Record<string, InBoth>>> = {
  url: {
    en: 'url: give a store URL such as sqlite:./data/ledger.db',
    zh: 'url：请给出存储 URL，例如 sqlite:./data/ledger.db',
  },
  simulation: { en: 'simulation: true or false', zh: 'simulation：true 或 false' },
  mode: { en: 'mode: "observer" or "operator"', zh: 'mode："observer" 或 "operator"' },
};

/**
 * A request to open a ledger, from flags, the environment or another program: checked before any
 * file is touched.
 */
export class OpeningRequest {
  @Matches(storeUrlStart)
  readonly url: string;

  @IsBoolean()
  readonly simulation: boolean;

  @IsOptional()
  @IsIn(['observer', 'operator'])
  readonly mode?: Mode;

  constructor(request: {
    readonly url: string;
    readonly simulation: boolean;
    readonly mode?: Mode;
  }) {
    this.url = request.url;
    this.simulation = request.simulation;
    if (request.mode !== undefined) this.mode = request.mode;
  }

  /** Everything that is wrong with it, each problem with its field. */
  problems(): readonly InBoth[] {
    return validateSync(this).map(({ property }) => wanted[property] ?? sameInBoth(property));
  }
}
