import { erasure, type HoldCommandData } from '@penalty-ledger/ledger';
import { AnInstant, Fits, FreeText, Id, MayBeMissing, type Sent } from '../http/fields.js';
import type { InBoth } from '../http/language.js';

/** Says what the subject of sealed texts must be. */
export const subjectText: InBoth = {
  en: 'give agency:ID, complaint:ID, creator:ID or evidence:ID',
  zh: '须为 agency:编号、complaint:编号、creator:编号 或 evidence:编号',
};

export class PlaceLegalHoldBody implements Sent<HoldCommandData['PlaceLegalHold']> {
  @Id() readonly holdId!: string;
  @Fits(erasure.eraseSubjectSchema.properties.subject, subjectText) readonly subject!: string;
  @FreeText() readonly reason!: string;
  @MayBeMissing() @AnInstant() readonly until?: string;
}

export class LiftLegalHoldBody implements Sent<HoldCommandData['LiftLegalHold']> {
  @Id() readonly holdId!: string;
  @FreeText() readonly reason!: string;
}
