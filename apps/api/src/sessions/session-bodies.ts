import type { Sale, SessionCommandData } from '@penalty-ledger/ledger';
import {
  AnInstant,
  FreeText,
  Id,
  MayBeMissing,
  Parts,
  Vertical,
  IntegerFrom,
  type Sent,
} from '../http/fields.js';

/** Bodies of the commands on live sessions (interchange §2, Sessions). */

class SaleBody implements Sale {
  @Vertical() readonly vertical!: string;
  @IntegerFrom(0, Number.MAX_SAFE_INTEGER) readonly amountFen!: number;
}

class Measured {
  @MayBeMissing() @Vertical() readonly contentVertical?: string;
  @MayBeMissing() @Parts(() => SaleBody, 0, 200) readonly sales?: SaleBody[];
  @MayBeMissing() @IntegerFrom(0, Number.MAX_SAFE_INTEGER) readonly newFollowers?: number;
  @MayBeMissing() @IntegerFrom(0, Number.MAX_SAFE_INTEGER) readonly views?: number;
}

export class RecordSessionBody
  extends Measured
  implements Sent<SessionCommandData['RecordSession']>
{
  @Id() readonly sessionId!: string;
  @Id() readonly creatorId!: string;
  @AnInstant() readonly startedAt!: string;
  @AnInstant() readonly endedAt!: string;
}

export class CorrectSessionBody
  extends Measured
  implements Sent<SessionCommandData['CorrectSession']>
{
  @Id() readonly sessionId!: string;
  @FreeText() readonly reason!: string;
  @MayBeMissing() @AnInstant() readonly startedAt?: string;
  @MayBeMissing() @AnInstant() readonly endedAt?: string;
}

export class VoidSessionBody implements Sent<SessionCommandData['VoidSession']> {
  @Id() readonly sessionId!: string;
  @FreeText() readonly reason!: string;
}
