import type { AgencyCommandData } from '@penalty-ledger/ledger';
import { AnInstant, Id, MayBeMissing, Sha256, IntegerFrom, type Sent } from '../http/fields.js';

/** The body of the command on the platform's own balance (interchange §2). */
export class ObservePlatformBalanceBody implements Sent<
  AgencyCommandData['ObservePlatformBalance']
> {
  @Id() readonly agencyId!: string;
  @IntegerFrom(-1_000_000, 1_000_000) readonly balance!: number;
  @AnInstant() readonly observedAt!: string;
  @MayBeMissing() @Sha256() readonly sha256?: string;
}
