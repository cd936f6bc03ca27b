import type { AgencyCommandData } from '@penalty-ledger/ledger';
import { AnInstant, FreeText, Id, IntegerFrom, MayBeMissing, type Sent } from '../http/fields.js';

/** Bodies of the commands on additions to a falling score (interchange §2, Additions). */

export class RecordAdditionBody implements Sent<AgencyCommandData['RecordAddition']> {
  @Id() readonly additionId!: string;
  @Id() readonly agencyId!: string;
  @IntegerFrom(1, 1_000_000) readonly points!: number;
  @MayBeMissing() @Id() readonly account?: string;
  @MayBeMissing() @AnInstant() readonly effectiveAt?: string;
  @MayBeMissing() @FreeText() readonly reason?: string;
}

export class RevokeAdditionBody implements Sent<AgencyCommandData['RevokeAddition']> {
  @Id() readonly additionId!: string;
  @FreeText() readonly reason!: string;
}
