import { closed, Type, type Shape } from '../schema.js';

/**
 * The figures of traffic support (rules §9). Every function that rests on one takes them as an
 * argument.
 */
export type SupportTerms = Shape<typeof SupportTermsSchema>;
export const SupportTermsSchema = closed(
  {
    source: Type.String({ description: 'where the figures come from' }),
    minCreators: Type.Integer({
      description: 'creators of the vertical an agency needs to be ranked',
    }),
    minSessionsEach: Type.Integer({
      description: 'effective sessions each of them must have on average',
    }),
    minSharePercent: Type.Integer({
      description: 'the share of its sales that the vertical must make up, in percent',
    }),
    slotHours: Type.Array(Type.Integer(), {
      description: 'the hours of a day that are slots, as the wall clock shows them',
    }),
    positionsPerSlot: Type.Integer(),
    minAssignedCreators: Type.Integer({
      description: 'creators an agency must give its hour to',
    }),
    registrationDays: closed(
      { first: Type.Integer(), last: Type.Integer() },
      { description: 'the days of the month before on which proposals are taken' },
    ),
    slotsPerTheme: Type.Integer({ description: 'slots that a selected proposal gives' }),
  },
  { $id: 'SupportTerms', description: 'the figures of traffic support (rules §9)' },
);

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
