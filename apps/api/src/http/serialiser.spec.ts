import { closed, enumOf, IdSchema, InstantSchema, nullable } from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { serialiserOf, UndescribedAnswerError } from './serialiser.js';

const schema = closed({
  id: IdSchema,
  state: enumOf(['open', 'closed']),
  count: Type.Integer(),
  closedAt: nullable(InstantSchema),
  note: Type.Optional(Type.String()),
  lines: Type.Array(closed({ points: Type.Integer() })),
  basis: Type.Union([
    closed({ kind: Type.Literal('month'), month: Type.String() }),
    closed({ kind: Type.Literal('session'), sessionId: IdSchema }),
  ]),
  data: Type.Unsafe<object>({ type: 'object', additionalProperties: true }),
});
const answer = {
  id: 'd-1',
  state: 'open',
  count: 3,
  closedAt: null,
  lines: [{ points: 20 }],
  basis: { kind: 'month', month: '2026-01' },
  data: { '✓': '"' },
};
const serialise = serialiserOf(schema);

it('writes an answer as JSON.stringify does', () => {
  for (const given of [answer, { ...answer, note: '“\u2028”', closedAt: '2026-01-01T00:00:00Z' }])
    expect(serialise(given)).toBe(JSON.stringify(given));
});

it('looks at types and not at values', () => {
  expect(serialise({ ...answer, id: 'an id of before', state: 'reopened' })).toContain('reopened');
});

it.each([
  ['a member that the schema lacks', { ...answer, text: 'x' }, 'answer.text: unknown field'],
  ['one of an item', { ...answer, lines: [{ points: 1, by: 'x' }] }, 'answer.lines.0.by'],
  ['a member that is missing', { ...answer, count: undefined }, 'answer.count'],
  ['null for a text', { ...answer, id: null }, 'answer.id'],
  ['a text for a number', { ...answer, count: '3' }, 'answer.count'],
  ['a fraction for an integer', { ...answer, count: 0.5 }, 'answer.count'],
  ['what is none of a union', { ...answer, basis: { kind: 'month' } }, 'answer.basis'],
  ['a list for an object', { ...answer, data: [] }, 'answer.data'],
])('refuses %s, and names its place', (_, given, place) => {
  expect(() => serialise(given)).toThrow(UndescribedAnswerError);
  expect(() => serialise(given)).toThrow(place);
});
