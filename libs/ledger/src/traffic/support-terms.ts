/** The figures of traffic support (rulebook §9). Every function that rests on one takes them as an argument. */
export interface SupportTerms {
  /** Where the figures come from. */
  readonly source: string;
  /** Creators of the vertical an agency needs to be ranked. */
  readonly minCreators: number;
  /** Effective sessions each of them must have on average. */
  readonly minSessionsEach: number;
  /** The share of its sales that the vertical must make up, in percent. */
  readonly minSharePercent: number;
  /** The hours of a day that are slots, as the wall clock shows them. */
  readonly slotHours: readonly number[];
  readonly positionsPerSlot: number;
  /** Creators an agency must give its hour to. */
  readonly minAssignedCreators: number;
  /** Proposals for a month are taken from the first to the last of these days of the month before. */
  readonly registrationDays: { readonly first: number; readonly last: number };
  /** Slots that a selected proposal gives. */
  readonly slotsPerTheme: number;
}

export const aliMcnSupport: SupportTerms = {
  source: 'agency rules of 2019-03-07 as an agency operator described them',
  minCreators: 5,
  minSessionsEach: 20,
  minSharePercent: 10,
  slotHours: [10, 11],
  positionsPerSlot: 5,
  minAssignedCreators: 5,
  registrationDays: { first: 10, last: 18 },
  slotsPerTheme: 1,
};
