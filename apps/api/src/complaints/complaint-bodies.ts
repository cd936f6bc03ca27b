import type { AgencyCommandData } from '@penalty-ledger/ledger';
import {
  AnInstant,
  FreeText,
  Id,
  Ids,
  MayBeMissing,
  OneOf,
  Part,
  TextUpTo,
  type Sent,
} from '../http/fields.js';

/** Bodies of the commands on complaints (interchange §2, Complaints). */

type Complainant = AgencyCommandData['FileComplaint']['complainant'];

class ComplainantBody implements Complainant {
  @OneOf('merchant', 'creator', 'consumer', 'platform') readonly kind!: Complainant['kind'];
  @MayBeMissing() @Id() readonly id?: string;
}

export class FileComplaintBody implements Sent<AgencyCommandData['FileComplaint']> {
  @Id() readonly complaintId!: string;
  @MayBeMissing() @Id() readonly agencyId?: string;
  @MayBeMissing() @Id() readonly creatorId?: string;
  @Part(() => ComplainantBody) readonly complainant!: ComplainantBody;
  @AnInstant() readonly occurredAt!: string;
  @FreeText() readonly subject!: string;
  @MayBeMissing() @TextUpTo(200) readonly caseNo?: string;
}

export class CloseComplaintBody implements Sent<AgencyCommandData['CloseComplaint']> {
  @Id() readonly complaintId!: string;
  @OneOf('upheld', 'dismissed', 'withdrawn')
  readonly outcome!: AgencyCommandData['CloseComplaint']['outcome'];
  @MayBeMissing() @FreeText() readonly reason?: string;
}

export class MergeComplaintsBody implements Sent<AgencyCommandData['MergeComplaints']> {
  @Id() readonly into!: string;
  @Ids(1, 500) readonly from!: string[];
}

export class UnmergeComplaintBody implements Sent<AgencyCommandData['UnmergeComplaint']> {
  @Id() readonly complaintId!: string;
}
