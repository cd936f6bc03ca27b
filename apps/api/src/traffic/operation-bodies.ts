import type {
  AgencyCommandData,
  ComputeAssessment,
  PublishRulebook,
  RegisterEvidence,
  Rulebook,
  SlotsCommandData,
  ThemesCommandData,
} from '@penalty-ledger/ledger';
import { IsObject } from 'class-validator';
import { MediaType } from '../appeals/appeal-bodies.js';
import {
  AnInstant,
  CalendarDate,
  FreeText,
  Id,
  Ids,
  MayBeMissing,
  Month,
  Part,
  Sha256,
  Vertical,
  Whole,
  Words,
  type Sent,
} from '../http/fields.js';

/** Bodies of the commands on assessment, rulebooks, observation, evidence and traffic (interchange §2, the last table). */

export class ComputeAssessmentBody implements Sent<ComputeAssessment['data']> {
  @Month() readonly month!: string;
  @MayBeMissing() @Id() readonly agencyId?: string;
}

export class PublishRulebookBody implements Sent<PublishRulebook['data']> {
  // What is in it the domain's own schema says, once: it is a document, not a form.
  @IsObject() readonly rulebook!: Rulebook;
}

export class ObservePlatformBalanceBody implements Sent<
  AgencyCommandData['ObservePlatformBalance']
> {
  @Id() readonly agencyId!: string;
  @Whole(-1_000_000, 1_000_000) readonly balance!: number;
  @AnInstant() readonly observedAt!: string;
  @MayBeMissing() @Sha256() readonly sha256?: string;
}

class EvidenceSubjectBody {
  @Id() readonly kind!: string;
  @Id() readonly id!: string;
}

export class RegisterEvidenceBody implements Sent<RegisterEvidence['data']> {
  @Id() readonly evidenceId!: string;
  @Part(() => EvidenceSubjectBody) readonly subject!: EvidenceSubjectBody;
  @FreeText() readonly title!: string;
  @MediaType() readonly mediaType!: string;
  @Sha256() readonly sha256!: string;
  @MayBeMissing() @AnInstant() readonly capturedAt?: string;
}

export class RecordGrowthPostBody implements Sent<AgencyCommandData['RecordGrowthPost']> {
  @Id() readonly agencyId!: string;
  @Id() readonly postId!: string;
  @AnInstant() readonly occurredAt!: string;
}

export class AllocateSlotsBody implements Sent<SlotsCommandData['AllocateSlots']> {
  @CalendarDate() readonly date!: string;
  @Vertical() readonly vertical!: string;
  @Month() readonly month!: string;
}

export class WaiveSlotBody implements Sent<SlotsCommandData['WaiveSlot']> {
  @CalendarDate() readonly date!: string;
  @Whole(0, 1_000_000) readonly hour!: number;
  @Id() readonly agencyId!: string;
}

export class AssignSlotBody extends WaiveSlotBody implements Sent<SlotsCommandData['AssignSlot']> {
  @Ids(0, 500) readonly creatorIds!: string[];
}

export class ProposeThemeBody implements Sent<ThemesCommandData['ProposeTheme']> {
  @Id() readonly proposalId!: string;
  @Id() readonly agencyId!: string;
  @Month() readonly month!: string;
  @Words(400) readonly title!: string;
}

export class SelectThemeBody implements Sent<ThemesCommandData['SelectTheme']> {
  @Id() readonly proposalId!: string;
}

export class DeclareBlackoutBody implements Sent<SlotsCommandData['DeclareBlackout']> {
  @CalendarDate() readonly date!: string;
  @FreeText() readonly reason!: string;
}
