import 'reflect-metadata';
import { IsBoolean, IsIn, IsOptional, Matches, validateSync } from 'class-validator';
import type { Mode } from '@penalty-ledger/ledger';
import { storeUrlStart } from '../stores/store-url.js';

/**
 * A request to open a ledger, from flags, the environment or another program: checked before any
 * file is touched.
 */
export class OpeningRequest {
  @Matches(storeUrlStart, {
    message: 'url: give a store URL such as sqlite:./data/ledger.db',
  })
  readonly url: string;

  @IsBoolean({ message: 'simulation: true or false' })
  readonly simulation: boolean;

  @IsOptional()
  @IsIn(['observer', 'operator'], { message: 'mode: "observer" or "operator"' })
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
  problems(): readonly string[] {
    return validateSync(this).flatMap(({ constraints = {} }) => Object.values(constraints));
  }
}
