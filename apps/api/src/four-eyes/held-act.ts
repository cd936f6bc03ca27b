import { termsOf } from '@penalty-ledger/application/api-keys';
import type { FourEyes, HeldAct, PendingAct } from '@penalty-ledger/application/four-eyes';
import type { Instant } from '@penalty-ledger/ledger';
import { principalOf } from '../guard/principal.js';
import type { KnownRequest } from '../guard/rule.js';
import type { FastifyReply } from '../http/http-types.js';
import { keyIdOf } from '../operating/signing-key.js';

/** Keeps an act for a second administrator instead of doing it, and answers 202 with it. */
export function hold(
  fourEyes: FourEyes,
  act: HeldAct,
  request: KnownRequest,
  reply: FastifyReply,
  now: Instant,
): PendingAct {
  const pending = fourEyes.ask(act, principalOf(request), now);
  request.about = aboutOf(pending);
  void reply.status(202);
  return pending;
}

/** A pending act by name, as the access log keeps ids. */
export function aboutOf({ id, act, sha256, askedBy }: PendingAct): Record<string, string> {
  return { act: id, kind: act.kind, sha256, askedBy, ...detailsOf(act) };
}

function detailsOf(act: HeldAct): Record<string, string> {
  switch (act.kind) {
    case 'issue-key':
      return termsOf(act);
    case 'rotate-key':
      return { keyId: act.keyId, graceHours: String(act.graceHours) };
    case 'erase-subject':
      return { subject: act.subject };
    case 'rotate-signing-key':
      return { keyId: keyIdOf(act.previous) };
    case 'accept-restore':
      return { events: String(act.events) };
    case 'end-four-eyes':
      return {};
  }
}
