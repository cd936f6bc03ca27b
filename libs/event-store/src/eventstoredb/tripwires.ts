import { sameInBoth, type InBoth } from '@penalty-ledger/ledger';
import type { Engine } from './engine.js';
import { EngineFailure, unavailable, unreadable } from './failures.js';
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
  readonly what: InBoth;
  /** The action to take. */
  readonly hint: InBoth;
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
  readonly act: InBoth;
}

const rightsOnEvents: readonly Right[] = [
  { right: '$d', code: 'users_may_delete', act: { en: 'delete streams', zh: '删除事件流' } },
  {
    right: '$mw',
    code: 'users_may_write_metadata',
    act: { en: 'write metadata, and so hide events', zh: '写入元数据，从而隐藏事件' },
  },
];

/**
 * A user who may change `$settings`, or its rights, can take any right over the ledger's streams.
 */
const rightsOnSystem: readonly Right[] = [
  { right: '$w', code: 'users_may_write_system_streams', act: { en: 'write', zh: '写入' } },
  { right: '$d', code: 'users_may_write_system_streams', act: { en: 'delete', zh: '删除' } },
  {
    right: '$mw',
    code: 'users_may_write_system_streams',
    act: { en: 'write the metadata of', zh: '写入元数据于' },
  },
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
      alarms.map((alarm) => [`${alarm.code} ${alarm.stream ?? ''} ${alarm.what.en}`, alarm]),
    ).values(),
  ];
}

/** Each late append as an alarm. */
export function lateAlarms(late: readonly LateAppend[]): readonly Alarm[] {
  return late.map(({ stream, id, type, position, term, during }) => ({
    code: 'late_append',
    stream,
    what: {
      en:
        `event ${id} (${type}) at ${position} was sent in term ${term} and stored in term ` +
        `${during}: it is not in the ledger`,
      zh:
        `位于 ${position} 的事件 ${id}（${type}）在任期 ${term} 中发送，` +
        `在任期 ${during} 中存储：它不属于账本`,
    },
    hint: {
      en:
        'Nothing was lost, since its sender got no acknowledgement. A node stood still for ' +
        'longer than its lease, or its clock or the engine’s is wrong: look at both.',
      zh:
        '没有丢失任何内容，因为其发送方未得到确认。某个节点停顿超过了其租约，' +
        '或其时钟、存储引擎的时钟有误：请检查二者。',
    },
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
        ofEach(rightsOnSystem, { en: 'system streams', zh: '系统流' }),
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
    const what: InBoth = {
      en:
        `the engine was scavenged (entry ${last.revision} of $scavenges): ` +
        'deleted and expired events are gone',
      zh:
        `存储引擎执行过 scavenge（$scavenges 的第 ${last.revision} 条）：` +
        '已删除和已过期的事件不复存在',
    };
    const hint: InBoth = {
      en: 'Run ledger verify on every node, and switch automatic scavenging off.',
      zh: '请在每个节点上运行 ledger verify，并关闭自动 scavenge。',
    };
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
    const schedule: InBoth =
      typeof when === 'string'
        ? {
            en: `, by the schedule ${JSON.stringify(when)}`,
            zh: `，计划为 ${JSON.stringify(when)}`,
          }
        : sameInBoth('');
    const what: InBoth = {
      en: `the engine scavenges by itself${schedule.en}`,
      zh: `存储引擎会自动执行 scavenge${schedule.zh}`,
    };
    const hint: InBoth = {
      en:
        'Pause it, as an administrator: POST /auto-scavenge/pause on the engine. ' +
        'A ledger needs no scavenge.',
      zh: '请以管理员身份暂停它：对存储引擎 POST /auto-scavenge/pause。账本不需要 scavenge。',
    };
    const alarm: Alarm = { code: 'scavenge_scheduled', what, hint };
    return work === 'denied' ? [alarm, notRead(scheduledWorkStream)] : [alarm];
  }

  /** The users who may write a system stream by its own list. */
  async systemStream(name: string): Promise<readonly Alarm[]> {
    const metadata = await this.#end(`$$${name}`);
    if (metadata === 'denied') return [notRead(name)];
    const rights = ofEach(rightsOnSystem, { en: name, zh: ` ${name}` });
    return byOwnList(rights, metadata, this.#systemDefaults, '$admins').map(({ alarm, what }) => ({
      ...alarm,
      what: { en: `by its own rights ${what.en}`, zh: `按其自身权限，${what.zh}` },
    }));
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
      const what: InBoth =
        first === 'deleted'
          ? { en: 'the stream was deleted for good', zh: '该事件流已被永久删除' }
          : {
              en: 'the stream is deleted, or was never there',
              zh: '该事件流已被删除，或从未存在',
            };
      alarms.push({
        code: 'stream_deleted',
        stream,
        what,
        hint: {
          en: 'Stop writing, and restore it from a backup.',
          zh: '请停止写入，并从备份恢复。',
        },
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
      const what: InBoth =
        seen === 'deleted'
          ? { en: 'the stream was deleted for good', zh: '该事件流已被永久删除' }
          : {
              en: 'the stream is deleted: $tb hides all of it',
              zh: '该事件流已被删除：$tb 隐藏了其全部内容',
            };
      const hint: InBoth = {
        en: 'Stop the nodes; take $tb away before a scavenge, or restore the engine from a backup.',
        zh: '请停止各节点；在 scavenge 之前去掉 $tb，或从备份恢复存储引擎。',
      };
      alarms.push({ code: 'stream_deleted', stream, what, hint });
    } else if (needs === 'all' && typeof seen === 'object' && seen.revision !== 0)
      alarms.push(truncated(stream, seen.revision));
    return alarms;
  }

  #ownRights(metadata: Seen, stream: string): readonly Alarm[] {
    return byOwnList(rightsOnEvents, metadata, this.#defaults, '$all').map(({ alarm, what }) => ({
      ...alarm,
      stream,
      what: {
        en: `by the stream’s own rights ${what.en}`,
        zh: `按该流自身权限，${what.zh}`,
      },
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
      return await this.engine.persistently(unreadable(name), async () => {
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
      throw unavailable(unreadable(name), error);
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
      what: {
        en: `the stream's metadata has ${member} ${JSON.stringify(members[member])}`,
        zh: `该流的元数据中有 ${member} ${JSON.stringify(members[member])}`,
      },
      hint: {
        en:
          `Take ${member} away before the next scavenge; ` +
          'until then the events are hidden, and after it they are gone.',
        zh: `请在下次 scavenge 之前去掉 ${member}；在此之前事件只是被隐藏，之后将不复存在。`,
      },
    }));
}

function truncated(stream: string, revision: number): Alarm {
  const what: InBoth = {
    en: `the stream begins with revision ${revision}: what came before is hidden or gone`,
    zh: `该事件流始于流内序号 ${revision}：之前的内容被隐藏或不复存在`,
  };
  const hint: InBoth = {
    en: 'Stop writing; take $tb, $maxCount and $maxAge away before a scavenge.',
    zh: '请停止写入；在 scavenge 之前去掉 $tb、$maxCount 和 $maxAge。',
  };
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
    if (who === undefined) return [];
    const hint: InBoth = {
      en: `Set ${right} to "$admins" in ${where} of $settings.`,
      zh: `请在 $settings 的 ${where} 中将 ${right} 设为 "$admins"。`,
    };
    const what: InBoth = {
      en: `by default ${who.en} may ${act.en}`,
      zh: `默认情况下，${who.zh}可以${act.zh}`,
    };
    return [{ code, what, hint }];
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
): readonly { readonly alarm: Pick<Alarm, 'code' | 'hint'>; readonly what: InBoth }[] {
  const list = typeof metadata === 'object' ? membersOf(membersOf(dataOf(metadata))['$acl']) : {};
  return rights.flatMap(({ right, code, act }) => {
    if (list[right] === undefined) return [];
    const who = usersOf(list[right] ?? defaults[right] ?? unset);
    if (who === undefined) return [];
    const hint: InBoth = {
      en: `Set ${right} to "$admins" in $acl of the stream.`,
      zh: `请在该流的 $acl 中将 ${right} 设为 "$admins"。`,
    };
    const what: InBoth = { en: `${who.en} may ${act.en}`, zh: `${who.zh}可以${act.zh}` };
    return [{ alarm: { code, hint }, what }];
  });
}

function ofEach(rights: readonly Right[], what: InBoth): readonly Right[] {
  return rights.map(({ act, ...right }) => ({
    ...right,
    act: { en: `${act.en} ${what.en}`, zh: `${act.zh}${what.zh}` },
  }));
}

/** The users other than administrators, in words; `undefined` for none. */
function usersOf(roles: unknown): InBoth | undefined {
  const users = rolesOf(roles).filter((role) => !administrators.has(role));
  const named = (everyUser: string): string[] =>
    users.map((role) => (role === '$all' ? everyUser : role));
  return users.length === 0
    ? undefined
    : { en: named('every user').join(', '), zh: named('所有用户').join('、') };
}

function notRead(name: string): Alarm {
  return {
    code: 'not_checked',
    what: { en: `the user may not read ${name}`, zh: `该用户不得读取 ${name}` },
    hint: {
      en: 'Let the ledger’s user read it, or have an administrator look.',
      zh: '请允许账本的用户读取它，或请管理员查看。',
    },
  };
}

function rolesOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((role) => typeof role === 'string');
}

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}
