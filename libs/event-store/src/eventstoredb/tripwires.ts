import type { Engine } from './engine.js';
import { EngineFailure, unavailable } from './failures.js';
import type { Namespace, WireRecord } from './wire-event.js';

export type AlarmCode =
  | 'users_may_delete'
  | 'users_may_write_metadata'
  | 'events_expire'
  | 'stream_truncated'
  | 'stream_deleted'
  | 'engine_was_scavenged'
  | 'not_checked';

/** Something on the engine that could take events away, or has. */
export interface Alarm {
  readonly code: AlarmCode;
  /** The ledger's stream, when it is about one. */
  readonly stream?: string;
  readonly what: string;
  /** What to do about it. */
  readonly hint: string;
}

/** Streams looked at together. */
const atOnce = 16;

/** Roles that may do anything whatever a stream says. */
const administrators = new Set(['$admins', '$ops']);

/**
 * Looks for what the engine itself may do to a ledger's streams, or has done: who may delete them or write their
 * metadata by default and by each stream's own, `$maxAge`, `$maxCount` and `$tb`, deleted and truncated streams, and scavenges.
 *
 * @param streams the ledger's streams to look at
 * @throws StoreUnavailableError when the engine cannot be read; what the user may not read becomes an alarm of its own
 */
export async function tripwires(
  engine: Engine,
  namespace: Namespace,
  streams: Iterable<string>,
): Promise<readonly Alarm[]> {
  const look = new Look(engine, namespace);
  const alarms = [...(await look.settings()), ...(await look.scavenges())];
  const names = [...streams];
  for (let start = 0; start < names.length; start += atOnce) {
    const found = await Promise.all(names.slice(start, start + atOnce).map((stream) => look.stream(stream)));
    alarms.push(...found.flat());
  }
  return alarms;
}

class Look {
  #defaults: Readonly<Record<string, unknown>> = {};

  constructor(
    readonly engine: Engine,
    readonly namespace: Namespace,
  ) {}

  async settings(): Promise<readonly Alarm[]> {
    const settings = await this.#end('$settings');
    if (settings === 'denied') return [notRead('$settings')];
    const acl = typeof settings === 'object' ? membersOf(settings.data)['$userStreamAcl'] : undefined;
    this.#defaults = membersOf(acl);
    return aclAlarms(this.#defaults, {}, undefined);
  }

  async scavenges(): Promise<readonly Alarm[]> {
    const last = await this.#end('$scavenges');
    if (last === 'denied') return [notRead('$scavenges')];
    // The engine begins the stream by itself; every other entry links to what a scavenge said of itself.
    if (typeof last !== 'object' || last.type === '$scavengeIndexInitialized') return [];
    const what = `the engine was scavenged (entry ${last.revision} of $scavenges): what was deleted or had expired is gone`;
    const hint = 'Run ledger verify on every node, and switch automatic scavenging off.';
    return [{ code: 'engine_was_scavenged', what, hint }];
  }

  async stream(stream: string): Promise<readonly Alarm[]> {
    const name = this.namespace.nameOf(stream);
    const [metadata, first] = await Promise.all([this.#end(`$$${name}`), this.#record(name, 0)]);
    if (metadata === 'denied' || first === 'denied') return [{ ...notRead(name), stream }];
    const alarms: Alarm[] = [];
    if (metadata !== 'missing' && metadata !== 'deleted') {
      const members = membersOf(metadata.data);
      alarms.push(...expiryAlarms(members, stream));
      if ('$acl' in members) alarms.push(...aclAlarms(membersOf(members['$acl']), this.#defaults, stream));
    }
    if (first === 'deleted' || first === 'missing') {
      const what =
        first === 'deleted' ? 'the stream was deleted for good' : 'the stream is deleted, or was never there';
      alarms.push({ code: 'stream_deleted', stream, what, hint: 'Stop writing, and restore it from a backup.' });
    } else if (first.revision !== 0) {
      const what = `the stream begins with revision ${first.revision}: what came before is hidden or gone`;
      alarms.push({
        code: 'stream_truncated',
        stream,
        what,
        hint: 'Stop writing; take $tb, $maxCount and $maxAge away before a scavenge.',
      });
    }
    return alarms;
  }

  #end(name: string): Promise<Seen> {
    return this.#record(name, 'end');
  }

  async #record(name: string, from: number | 'end'): Promise<Seen> {
    try {
      return await this.engine.persistently(`"${name}" cannot be read`, async (): Promise<Seen> => {
        try {
          const [record] = await this.engine.readStream(name, from, 1, from === 'end' ? 'backwards' : 'forwards');
          return record ?? 'missing';
        } catch (error) {
          if (error instanceof EngineFailure && error.kind === 'denied') return 'denied';
          throw error;
        }
      });
    } catch (error) {
      if (!(error instanceof EngineFailure)) throw error;
      if (error.kind === 'not_found') return 'missing';
      if (error.kind === 'deleted') return 'deleted';
      throw unavailable(`"${name}" cannot be read`, error);
    }
  }
}

type Seen = WireRecord | 'missing' | 'deleted' | 'denied';

function expiryAlarms(metadata: Readonly<Record<string, unknown>>, stream: string): readonly Alarm[] {
  return ['$maxAge', '$maxCount', '$tb']
    .filter((member) => metadata[member] !== undefined)
    .map((member) => ({
      code: 'events_expire',
      stream,
      what: `the stream's metadata has ${member} ${JSON.stringify(metadata[member])}`,
      hint: `Take ${member} away before the next scavenge; until then the events are hidden, and after it they are gone.`,
    }));
}

/** What a list of rights lets users do who are no administrators. What it leaves out goes by the engine's default: everybody. */
function aclAlarms(
  acl: Readonly<Record<string, unknown>>,
  defaults: Readonly<Record<string, unknown>>,
  stream: string | undefined,
): readonly Alarm[] {
  const where = stream === undefined ? 'by default' : 'by the stream’s own rights';
  const wires = [
    { right: '$d', code: 'users_may_delete', act: 'delete streams' },
    { right: '$mw', code: 'users_may_write_metadata', act: 'write metadata, and so hide events' },
  ] as const;
  return wires.flatMap(({ right, code, act }) => {
    if (stream !== undefined && acl[right] === undefined) return [];
    const roles = rolesOf(acl[right] ?? defaults[right] ?? '$all').filter((role) => !administrators.has(role));
    if (roles.length === 0) return [];
    const what = `${where} ${roles.map((role) => (role === '$all' ? 'every user' : role)).join(', ')} may ${act}`;
    const hint = `Set ${right} to "$admins" in ${stream === undefined ? '$userStreamAcl of $settings' : '$acl of the stream'}.`;
    return [stream === undefined ? { code, what, hint } : { code, stream, what, hint }];
  });
}

function notRead(name: string): Alarm {
  const hint = 'Let the ledger’s user read it, or have an administrator look.';
  return { code: 'not_checked', what: `the user may not read ${name}`, hint };
}

function rolesOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((role) => typeof role === 'string');
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
