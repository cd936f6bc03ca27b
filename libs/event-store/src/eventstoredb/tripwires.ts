import type { Engine } from './engine.js';
import { EngineFailure, unavailable } from './failures.js';
import type { LateAppend } from './terms.js';
import { dataOf, type Namespace, type WireRecord } from './wire-event.js';

export type AlarmCode =
  | 'users_may_delete'
  | 'users_may_write_metadata'
  | 'users_may_write_system_streams'
  | 'events_expire'
  | 'stream_truncated'
  | 'stream_deleted'
  | 'engine_was_scavenged'
  | 'scavenge_scheduled'
  | 'late_append'
  | 'not_checked';

/** Something on the engine that could take events away, or has. */
export interface Alarm {
  readonly code: AlarmCode;
  /** The ledger's stream, when it is about one; of a side stream the engine's name. */
  readonly stream?: string;
  readonly what: string;
  /** The action to take. */
  readonly hint: string;
}

/** A stream beside the ledger's events that is to be looked at. */
export interface SideLook {
  readonly name: string;
  /**
   * True when all its entries are needed; false when only the last is, so that hiding earlier ones
   * harms nothing.
   */
  readonly needs: 'all' | 'last';
}

/** Streams looked at together. */
const atOnce = 16;

/** Roles that may do anything, whatever a stream's list says. */
const administrators = new Set(['$admins', '$ops']);

type Members = Readonly<Record<string, unknown>>;

/** A right that only administrators should have, and its use. */
interface Right {
  readonly right: '$w' | '$d' | '$mw';
  readonly code: AlarmCode;
  readonly act: string;
}

const rightsOnEvents: readonly Right[] = [
  { right: '$d', code: 'users_may_delete', act: 'delete streams' },
  { right: '$mw', code: 'users_may_write_metadata', act: 'write metadata, and so hide events' },
];

/**
 * A user who may change `$settings`, or its rights, can take any right over the ledger's streams.
 */
const rightsOnSystem: readonly Right[] = [
  { right: '$w', code: 'users_may_write_system_streams', act: 'write' },
  { right: '$d', code: 'users_may_write_system_streams', act: 'delete' },
  { right: '$mw', code: 'users_may_write_system_streams', act: 'write the metadata of' },
];

/**
 * The streams of the engine's own component for automatic scavenges: its schedule, as the last
 * event, and its acts and orders since. Without the component they do not exist.
 */
const scheduleStream = '$auto-scavenge-configuration';
const scheduledWorkStream = '$auto-scavenges';

/** The system streams that are read here; they prove nothing when other users may write to them. */
const systemStreams = ['$settings', '$scavenges', scheduleStream, scheduledWorkStream];

/** The number of entries searched for a pause of automatic scavenges. */
const workLookedThrough = 32;

/**
 * Looks for what the engine may do to a ledger's streams, or has done: who may delete them, write
 * their metadata or change the rights, by default and by each stream's own list; `$maxAge`,
 * `$maxCount` and `$tb`; deleted and truncated streams; scavenges and their schedule.
 *
 * @param streams the ledger's streams to look at
 * @param beside side streams, which may be missing: a new ledger has none
 * @throws StoreUnavailableError when the engine cannot be read; what the user may not read becomes
 * an alarm of its own
 */
export async function tripwires(
  engine: Engine,
  namespace: Namespace,
  streams: Iterable<string>,
  beside: readonly SideLook[] = [],
): Promise<readonly Alarm[]> {
  const look = new Look(engine, namespace);
  const alarms = [
    ...(await look.settings()),
    ...(await look.scavenges()),
    ...(await look.schedule()),
  ];
  for (const name of systemStreams) alarms.push(...(await look.systemStream(name)));
  const names = [...streams];
  for (let start = 0; start < names.length; start += atOnce) {
    const found = await Promise.all(
      names.slice(start, start + atOnce).map((stream) => look.stream(stream)),
    );
    alarms.push(...found.flat());
  }
  for (const side of beside) alarms.push(...(await look.side(side)));
  // One stream that may not be read can be wanted for several reasons.
  return [
    ...new Map(
      alarms.map((alarm) => [`${alarm.code} ${alarm.stream ?? ''} ${alarm.what}`, alarm]),
    ).values(),
  ];
}

/** Each late append as an alarm. */
export function lateAlarms(late: readonly LateAppend[]): readonly Alarm[] {
  return late.map(({ stream, id, type, position, term, during }) => ({
    code: 'late_append',
    stream,
    what:
      `event ${id} (${type}) at ${position} was sent in term ${term} and stored in term ` +
      `${during}: it is not in the ledger`,
    hint:
      'Nothing was lost, since its sender got no acknowledgement. A node stood still for longer ' +
      'than its lease, or its clock or the engine’s is wrong: look at both.',
  }));
}

class Look {
  #defaults: Members = {};
  #systemDefaults: Members = {};

  constructor(
    readonly engine: Engine,
    readonly namespace: Namespace,
  ) {}

  async settings(): Promise<readonly Alarm[]> {
    const settings = await this.#end('$settings');
    if (settings === 'denied') return [notRead('$settings')];
    const lists = typeof settings === 'object' ? membersOf(dataOf(settings)) : {};
    this.#defaults = membersOf(lists['$userStreamAcl']);
    this.#systemDefaults = membersOf(lists['$systemStreamAcl']);
    return [
      ...byDefault(rightsOnEvents, this.#defaults, '$all', '$userStreamAcl'),
      ...byDefault(
        ofEach(rightsOnSystem, 'system streams'),
        this.#systemDefaults,
        '$admins',
        '$systemStreamAcl',
      ),
    ];
  }

  async scavenges(): Promise<readonly Alarm[]> {
    const last = await this.#end('$scavenges');
    if (last === 'denied') return [notRead('$scavenges')];
    // The engine begins the stream by itself; every other entry links to a scavenge's own report.
    if (typeof last !== 'object' || last.type === '$scavengeIndexInitialized') return [];
    const what =
      `the engine was scavenged (entry ${last.revision} of $scavenges): ` +
      'deleted and expired events are gone';
    const hint = 'Run ledger verify on every node, and switch automatic scavenging off.';
    return [{ code: 'engine_was_scavenged', what, hint }];
  }

  /** A schedule once set cannot be taken back, only paused; so one that is paused is none. */
  async schedule(): Promise<readonly Alarm[]> {
    const set = await this.#end(scheduleStream);
    if (set === 'denied') return [notRead(scheduleStream)];
    if (typeof set !== 'object') return [];
    const work = await this.#records(scheduledWorkStream, 'end', workLookedThrough);
    if (typeof work === 'object') {
      const latest = work.find(({ type }) => type !== '$cluster-members-changed');
      if (latest?.type === '$paused') return [];
    }
    const when = membersOf(dataOf(set))['schedule'];
    const schedule = typeof when === 'string' ? `, by the schedule ${JSON.stringify(when)}` : '';
    const what = `the engine scavenges by itself${schedule}`;
    const hint =
      'Pause it, as an administrator: POST /auto-scavenge/pause on the engine. ' +
      'A ledger needs no scavenge.';
    const alarm: Alarm = { code: 'scavenge_scheduled', what, hint };
    return work === 'denied' ? [alarm, notRead(scheduledWorkStream)] : [alarm];
  }

  /** The users who may write a system stream by its own list. */
  async systemStream(name: string): Promise<readonly Alarm[]> {
    const metadata = await this.#end(`$$${name}`);
    if (metadata === 'denied') return [notRead(name)];
    return byOwnList(ofEach(rightsOnSystem, name), metadata, this.#systemDefaults, '$admins').map(
      (found) => ({
        ...found.alarm,
        what: `by its own rights ${found.what}`,
      }),
    );
  }

  async stream(stream: string): Promise<readonly Alarm[]> {
    const name = this.namespace.nameOf(stream);
    const [metadata, first] = await Promise.all([this.#end(`$$${name}`), this.#record(name, 0)]);
    if (metadata === 'denied' || first === 'denied') return [{ ...notRead(name), stream }];
    const alarms: Alarm[] = [
      ...expiryAlarms(metadata, stream),
      ...this.#ownRights(metadata, stream),
    ];
    if (first === 'deleted' || first === 'missing') {
      const what =
        first === 'deleted'
          ? 'the stream was deleted for good'
          : 'the stream is deleted, or was never there';
      alarms.push({
        code: 'stream_deleted',
        stream,
        what,
        hint: 'Stop writing, and restore it from a backup.',
      });
    } else if (first.revision !== 0) alarms.push(truncated(stream, first.revision));
    return alarms;
  }

  async side({ name, needs }: SideLook): Promise<readonly Alarm[]> {
    const stream = this.namespace.sideNameOf(name);
    const [metadata, seen] = await Promise.all([
      this.#end(`$$${stream}`),
      this.#record(stream, needs === 'all' ? 0 : 'end'),
    ]);
    if (metadata === 'denied' || seen === 'denied') return [{ ...notRead(stream), stream }];
    // The last entry goes only with its age: a user that finds none after a pause cannot begin the
    // stream again.
    const expiring = needs === 'all' ? expiries : ['$maxAge'];
    const alarms: Alarm[] = [
      ...expiryAlarms(metadata, stream, expiring),
      ...this.#ownRights(metadata, stream),
    ];
    const isHidden =
      seen === 'missing' && typeof metadata === 'object' && '$tb' in membersOf(dataOf(metadata));
    if (seen === 'deleted' || isHidden) {
      const what =
        seen === 'deleted'
          ? 'the stream was deleted for good'
          : 'the stream is deleted: $tb hides all of it';
      const hint =
        'Stop the nodes; take $tb away before a scavenge, or restore the engine from a backup.';
      alarms.push({ code: 'stream_deleted', stream, what, hint });
    } else if (needs === 'all' && typeof seen === 'object' && seen.revision !== 0)
      alarms.push(truncated(stream, seen.revision));
    return alarms;
  }

  #ownRights(metadata: Seen, stream: string): readonly Alarm[] {
    return byOwnList(rightsOnEvents, metadata, this.#defaults, '$all').map((found) => ({
      ...found.alarm,
      stream,
      what: `by the stream’s own rights ${found.what}`,
    }));
  }

  #end(name: string): Promise<Seen> {
    return this.#record(name, 'end');
  }

  async #record(name: string, from: number | 'end'): Promise<Seen> {
    const records = await this.#records(name, from, 1);
    return typeof records === 'object' ? (records[0] ?? 'missing') : records;
  }

  async #records(
    name: string,
    from: number | 'end',
    count: number,
  ): Promise<readonly WireRecord[] | Unseen> {
    try {
      return await this.engine.persistently(`"${name}" cannot be read`, async () => {
        try {
          return await this.engine.readStream(
            name,
            from,
            count,
            from === 'end' ? 'backwards' : 'forwards',
          );
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

type Unseen = 'missing' | 'deleted' | 'denied';
type Seen = WireRecord | Unseen;

const expiries = ['$maxAge', '$maxCount', '$tb'];

function expiryAlarms(
  metadata: Seen,
  stream: string,
  of: readonly string[] = expiries,
): readonly Alarm[] {
  const members = typeof metadata === 'object' ? membersOf(dataOf(metadata)) : {};
  return of
    .filter((member) => members[member] !== undefined)
    .map((member) => ({
      code: 'events_expire',
      stream,
      what: `the stream's metadata has ${member} ${JSON.stringify(members[member])}`,
      hint:
        `Take ${member} away before the next scavenge; ` +
        'until then the events are hidden, and after it they are gone.',
    }));
}

function truncated(stream: string, revision: number): Alarm {
  const what = `the stream begins with revision ${revision}: what came before is hidden or gone`;
  const hint = 'Stop writing; take $tb, $maxCount and $maxAge away before a scavenge.';
  return { code: 'stream_truncated', stream, what, hint };
}

/**
 * The rights that a list of defaults gives to users other than administrators. Where it is silent
 * the engine's own default holds.
 */
function byDefault(
  rights: readonly Right[],
  list: Members,
  unset: string,
  where: string,
): readonly Alarm[] {
  return rights.flatMap(({ right, code, act }) => {
    const who = usersOf(list[right] ?? unset);
    const hint = `Set ${right} to "$admins" in ${where} of $settings.`;
    return who === undefined ? [] : [{ code, what: `by default ${who} may ${act}`, hint }];
  });
}

/**
 * The rights that a stream's own list gives them. Where it is silent the defaults were looked at,
 * once.
 */
function byOwnList(
  rights: readonly Right[],
  metadata: Seen,
  defaults: Members,
  unset: string,
): readonly { readonly alarm: Pick<Alarm, 'code' | 'hint'>; readonly what: string }[] {
  const list = typeof metadata === 'object' ? membersOf(membersOf(dataOf(metadata))['$acl']) : {};
  return rights.flatMap(({ right, code, act }) => {
    if (list[right] === undefined) return [];
    const who = usersOf(list[right] ?? defaults[right] ?? unset);
    const hint = `Set ${right} to "$admins" in $acl of the stream.`;
    return who === undefined ? [] : [{ alarm: { code, hint }, what: `${who} may ${act}` }];
  });
}

function ofEach(rights: readonly Right[], what: string): readonly Right[] {
  return rights.map(({ act, ...right }) => ({ ...right, act: `${act} ${what}` }));
}

/** The users other than administrators, in words; `undefined` for none. */
function usersOf(roles: unknown): string | undefined {
  const users = rolesOf(roles).filter((role) => !administrators.has(role));
  return users.length === 0
    ? undefined
    : users.map((role) => (role === '$all' ? 'every user' : role)).join(', ');
}

function notRead(name: string): Alarm {
  const hint = 'Let the ledger’s user read it, or have an administrator look.';
  return { code: 'not_checked', what: `the user may not read ${name}`, hint };
}

function rolesOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((role) => typeof role === 'string');
}

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}
