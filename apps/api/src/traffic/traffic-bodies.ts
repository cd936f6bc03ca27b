import type { SlotsCommandData, ThemesCommandData } from '@penalty-ledger/ledger';
import {
  CalendarDate,
  FreeText,
  Id,
  Ids,
  Month,
  Vertical,
  IntegerFrom,
  TextUpTo,
  type Sent,
} from '../http/fields.js';

/** A body of a command on traffic slots or themes, as each class here (interchange §2). */
export class AllocateSlotsBody implements Sent<SlotsCommandData['AllocateSlots']> {
  @CalendarDate() readonly date!: string;
  @Vertical() readonly vertical!: string;
  @Month() readonly month!: string;
}

export class WaiveSlotBody implements Sent<SlotsCommandData['WaiveSlot']> {
  @CalendarDate() readonly date!: string;
  @IntegerFrom(0, 1_000_000) readonly hour!: number;
  @Id() readonly agencyId!: string;
}

export class AssignSlotBody extends WaiveSlotBody implements Sent<SlotsCommandData['AssignSlot']> {
  @Ids(0, 500) readonly creatorIds!: string[];
}

export class DeclareBlackoutBody implements Sent<SlotsCommandData['DeclareBlackout']> {
  @CalendarDate() readonly date!: string;
  @FreeText() readonly reason!: string;
}

export class ProposeThemeBody implements Sent<ThemesCommandData['ProposeTheme']> {
  @Id() readonly proposalId!: string;
  @Id() readonly agencyId!: string;
  @Month() readonly month!: string;
  @TextUpTo(400) readonly title!: string;
}

export class SelectThemeBody implements Sent<ThemesCommandData['SelectTheme']> {
  @Id() readonly proposalId!: string;
}
