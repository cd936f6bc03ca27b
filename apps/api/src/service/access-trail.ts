import type { AccessLog } from '../access-log/access-log.js';
import type { KnownRequest } from '../guard/rule.js';

/** Tells nothing of what is in the ledger, and is read every few seconds for ever. */
const unnoted = '/metrics';

/** What reads or exports though it is sent with POST. */
const reads = (route: string): boolean => route.endsWith('/whatif') || route === '/evidence-packs';

/** Writes who read or exported what into the access log, before the answer leaves. */
export class AccessTrail {
  constructor(
    readonly path: string,
    private readonly log: AccessLog,
  ) {}

  /**
   * Commands are not noted: the ledger says who sent them. Neither is what nobody signed in for, nor what failed by itself.
   *
   * @throws AccessLogBusyError, AccessLogStoppedError, AccessLogDamagedError: then nothing may be answered
   */
  async note(request: KnownRequest, status: number): Promise<void> {
    const { principal, role, method, id, params } = request;
    const route = request.routeOptions.url ?? 'none';
    if (principal === undefined || route === unnoted || status >= 500 || (method !== 'GET' && !reads(route))) return;
    const subject = { ...(params as Record<string, string>), ...agencyIn(request.query), ...request.about };
    await this.log.record({
      principal: principal.id,
      role: role ?? null,
      method,
      route,
      subject,
      status,
      requestId: id,
    });
  }
}

function agencyIn(query: unknown): Record<string, string> {
  const { agencyId } = (query ?? {}) as { readonly agencyId?: unknown };
  return typeof agencyId === 'string' ? { agencyId } : {};
}
