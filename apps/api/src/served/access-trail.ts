import { randomUUID } from 'node:crypto';
import type { Clock } from '@penalty-ledger/application';
import type { AccessLog, Anchor, UnloggedActs } from '@penalty-ledger/application/access-log';
import { parseInstant } from '@penalty-ledger/ledger';
import type { KnownRequest } from '../guard/rule.js';
import { FailedSignIns } from './failed-sign-ins.js';

/** Tells nothing of what is in the ledger, and is read every few seconds for ever. */
const unnoted = '/metrics';

/** Methods that change nothing (RFC 9110 §9.2.1). */
const reading: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** The commands of administrators: rulebooks and calendars. */
const administrative: ReadonlySet<string> = new Set([
  '/commands/PublishRulebook',
  '/commands/PublishCalendar',
]);

/**
 * Writes each reading and each export, with its sender, the acts of administrators and the sign-ins
 * that failed into the access log before the answer leaves.
 */
export class AccessTrail {
  readonly #failed = new FailedSignIns();
  #taken: Promise<void> = Promise.resolve();

  constructor(
    readonly path: string,
    private readonly log: AccessLog,
    private readonly acts: UnloggedActs,
    private readonly clock: Clock,
  ) {}

  /**
   * The last entry that is durable. With a copy of it one can tell later whether anything before it
   * was changed or cut off.
   */
  get head(): Anchor | undefined {
    return this.log.head;
  }

  /**
   * Takes in the acts that were done on this machine without the service, and the number of failed
   * sign-ins that were not noted one by one. One call runs after another, so that nothing is taken
   * in twice.
   */
  takeActs(): Promise<void> {
    const taken = this.#taken.then(async () => {
      await this.acts.moveInto(this.log);
      const failed = this.#failed.takeCount();
      if (failed > 0)
        await this.log.record({
          principal: null,
          role: null,
          method: 'LOCAL',
          route: 'failed sign-ins',
          subject: { count: String(failed) },
          status: 401,
          requestId: randomUUID(),
        });
    });
    this.#taken = taken.catch(() => undefined);
    return taken;
  }

  /**
   * Lets nothing be changed that could not be noted afterwards.
   *
   * @throws AccessLogStoppedError
   */
  before({ method, routeOptions }: KnownRequest): void {
    if (!reading.has(method) && !isOfTheLedger(routeOptions.url ?? 'none')) this.log.assertOpen();
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
    const { principal, role, method, id, params, about, failedSignIn } = request;
    const route = request.routeOptions.url ?? 'none';
    if (status >= 500) return;
    if (principal === undefined) {
      if (failedSignIn === undefined || !this.#failed.isNoted(this.clock.now())) return;
    } else if (route === unnoted || isOfTheLedger(route)) return;
    const subject = {
      ...askedIn(request.query),
      ...(params as Record<string, string>),
      ...about,
      ...failedSignIn,
    };
    await this.log.record({
      principal: principal?.id ?? null,
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
  return route === '/import' || (route.startsWith('/commands/') && !administrative.has(route));
}

/** The form of our own parameters' names. */
const nameForm = /^[A-Za-z][A-Za-z0-9]{0,31}$/;

/** No route has as many parameters. */
const maxAsked = 16;

/**
 * The parameters of the address beside its path: with the state of the ledger they say what a list
 * or a page held. Instants are in UTC, which is a form that the log keeps as it is.
 */
function askedIn(query: unknown): Record<string, string> {
  const asked = Object.entries((query ?? {}) as Readonly<Record<string, unknown>>).flatMap(
    ([name, value]) =>
      nameForm.test(name) && typeof value === 'string' && value !== ''
        ? [[name, parseInstant(value) ?? value] as const]
        : [],
  );
  return Object.fromEntries(asked.slice(0, maxAsked));
}
