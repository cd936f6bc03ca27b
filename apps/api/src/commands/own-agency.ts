import { agencyReferenceOf, isAgencyCommand, type LedgerCommand } from '@penalty-ledger/ledger';
import { assertOwn } from '../guard/principal.js';
import type { Principal } from '@penalty-ledger/application/api-keys';
import { ApiProblem } from '../http/problems/api-problem.js';
import { unknownRecord } from '../http/problems/unknown-record.js';
import type { ServedLedger } from '../served/served-ledger.js';

/**
 * Lets the role `agency` send a command only on its own agency. Records of other agencies do not
 * exist for it.
 *
 * @throws ApiProblem `forbidden` for another agency's id; `unknown_appeal` and the like for its
 * records
 */
export async function assertOwnCommand(
  principal: Principal,
  command: LedgerCommand,
  ledger: ServedLedger,
): Promise<void> {
  if (principal.agencyId === undefined) return;
  const { data } = command;
  const { agencyId } = data as { readonly agencyId?: string };
  if (agencyId !== undefined) {
    assertOwn(principal, agencyId);
    return;
  }
  const reference = isAgencyCommand(command) ? agencyReferenceOf(command) : undefined;
  if (reference === undefined || reference.kind === 'agency' || reference.kind === 'creator')
    throw new ApiProblem('forbidden');
  const owner = await ledger.reader.agencyOf(reference.kind, reference.id);
  if (owner !== principal.agencyId) throw unknownRecord(reference.kind, reference.id);
}
