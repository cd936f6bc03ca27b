import type { AccessLog, Anchor, UnloggedActs } from '@penalty-ledger/application/access-log';
import type { KnownRequest } from '../guard/rule.js';

/** Tells nothing of what is in the ledger, and is read every few seconds for ever. */
const unnoted = '/metrics';

/** An administrator's command: rulebooks are the only ones. */
const administrative = '/commands/PublishRulebook';

/**
 * Writes each reading and each export, with its sender, and the acts of administrators into the
 * access log before the answer leaves.
 */
export class AccessTrail {
  #taken: Promise<void> = Promise.resolve();

  constructor(
    readonly path: string,
    private readonly log: AccessLog,
    private readonly acts: UnloggedActs,
  ) {}

  /**
   * The last entry that is durable. With a copy of it one can tell later whether anything before it
   * was changed or cut off.
   */
  get head(): Anchor | undefined {
    return this.log.head;
  }

  /**
   * Takes in the acts that were done on this machine without the service. One call runs after
   * another, so that nothing is taken in twice.
   */
  takeActs(): Promise<void> {
    const taken = this.#taken.then(() => this.acts.moveInto(this.log));
    this.#taken = taken.catch(() => undefined);
    return taken;
  }

  /**
   * Lets nothing be changed that could not be noted afterwards.
   *
   * @throws AccessLogStoppedError
   */
  before({ method, routeOptions }: KnownRequest): void {
    if (method !== 'GET' && !isOfTheLedger(routeOptions.url ?? 'none')) this.log.assertOpen();
  }

  /**
   * Notes a request and its status. Commands are not noted, because the ledger names their senders,
   * except an administrator's. Neither are requests without credentials, nor failures of the
   * service.
   *
   * @throws AccessLogBusyError, AccessLogStoppedError, AccessLogDamagedError: then nothing may be
   *   answered
   */
  async note(request: KnownRequest, status: number): Promise<void> {
    const { principal, role, method, id, params, about } = request;
    const route = request.routeOptions.url ?? 'none';
    if (principal === undefined || status >= 500 || route === unnoted || isOfTheLedger(route))
      return;
    const subject = { ...(params as Record<string, string>), ...agencyIn(request.query), ...about };
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

function isOfTheLedger(route: string): boolean {
  return route === '/import' || (route.startsWith('/commands/') && route !== administrative);
}

function agencyIn(query: unknown): Record<string, string> {
  const { agencyId } = (query ?? {}) as { readonly agencyId?: unknown };
  return typeof agencyId === 'string' ? { agencyId } : {};
}
