import { assertMayIssue, assertMayRotate } from './grants.js';
import { isAgencyRole, roles, type Principal, type Role } from './principal.js';
import type { Instant } from '@penalty-ledger/ledger';
import type { ApiKey } from './api-keys.js';

const administrator = (mayGrant?: readonly Role[]): Principal => ({
  id: 'key:1f0c9a3b7d4c',
  holder: 'li',
  roles: ['administrator'],
  ...(mayGrant !== undefined && { mayGrant }),
});
const keyOf = (holder: string, role: Role, mayGrant?: readonly Role[]): ApiKey => ({
  id: '000000000000',
  label: 'x',
  holder,
  roles: [role],
  createdAt: '2026-01-01T00:00:00.000Z' as Instant,
  expiresAt: '2026-02-01T00:00:00.000Z' as Instant,
  ...(mayGrant !== undefined && { mayGrant }),
});
/** Says whether a role has no right that another has not: `agency` has those of its people. */
const isWithin = (role: Role, other: Role): boolean =>
  role === other || (other === 'agency' && isAgencyRole(role));
const pairs = roles.flatMap((granting) => roles.map((granted) => [granting, granted] as const));

describe('of every pair of roles, an administrator who may grant one', () => {
  it.each(pairs)('%s issues a key of %s only when that is no more', (granting, granted) => {
    const issue = () => {
      assertMayIssue(administrator([granting]), keyOf('wang', granted));
    };
    if (isWithin(granted, granting)) expect(issue).not.toThrow();
    else expect(issue).toThrow(`roles: you may not grant "${granted}"; you may grant ${granting}`);
  });

  it.each(pairs)('%s passes on the right to grant %s only when that is no more', (own, passed) => {
    const issue = () => {
      assertMayIssue(
        administrator(['administrator', own]),
        keyOf('wang', 'administrator', [passed]),
      );
    };
    if (isWithin(passed, own) || passed === 'administrator') expect(issue).not.toThrow();
    else expect(issue).toThrow(`mayGrant: you may not grant "${passed}"`);
  });

  it.each(pairs)('%s rotates another’s key of %s only when that is no more', (granting, held) => {
    const rotate = () => {
      assertMayRotate(administrator([granting]), keyOf('wang', held));
    };
    if (isWithin(held, granting)) expect(rotate).not.toThrow();
    else expect(rotate).toThrow(`roles: you may not grant "${held}"`);
  });
});

it.each(roles)('nobody issues a key of %s for themselves, whatever they may grant', (role) => {
  expect(() => {
    assertMayIssue(administrator(roles), keyOf('li', role));
  }).toThrow('holder: "li" is you; another administrator must issue your keys');
});

it('one’s own key is rotated, since that gives no right', () => {
  expect(() => {
    assertMayRotate(administrator(), keyOf('li', 'officer'));
  }).not.toThrow();
});

it('the three rights of an agency’s people are those of the agency', () => {
  expect(() => {
    assertMayIssue(
      administrator(['agency-reader', 'agency-filer', 'agency-submitter']),
      keyOf('wang', 'agency'),
    );
  }).not.toThrow();
});

it('an administrator who may grant nothing issues nothing', () => {
  for (const by of [administrator(), administrator([])])
    expect(() => {
      assertMayIssue(by, keyOf('wang', 'ingest'));
    }).toThrow('your credentials grant no role');
});
