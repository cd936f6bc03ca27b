import { SpokenError } from '@penalty-ledger/ledger/in-both';
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';

/**
 * The files beside a ledger's events. Keys are apart from the events, so that destroying a key is
 * possible; read models can be rebuilt.
 */
interface LocalFiles {
  /** As given, without credentials: for messages. */
  readonly url: string;
  readonly keys: string;
  readonly readModels: string;
  /**
   * The Merkle log: tree, stream heads and signed checkpoints. Only the checkpoints cannot be made
   * again.
   */
  readonly log: string;
  /** API keys and webhooks of the HTTP service. */
  readonly access: string;
  /** The ends of the access log; the same file as `access` unless nodes share that one. */
  readonly anchors: string;
  /** The access log: who read or exported what. */
  readonly accessLog: string;
  /** The mark of a restore that is not finished. */
  readonly restoring: string;
  /** The folder of evidence packs that the HTTP service made, until they are fetched. */
  readonly packs: string;
  /**
   * The folder of files of evidence. On an engine that nodes share there is none unless
   * `LEDGER_EVIDENCE` names it: a file on one node would be missing on the others.
   */
  readonly evidence: string | undefined;
}

/** A ledger whose events are in a SQLite file. */
export interface SqliteLocation extends LocalFiles {
  readonly engine: 'sqlite';
  /** The file of the events. */
  readonly events: string;
}

/**
 * A ledger whose events are in EventStoreDB. The files are this node's own, except those that
 * `LEDGER_KEYS` and `LEDGER_ACCESS` name.
 */
export interface EventStoreDbLocation extends LocalFiles {
  readonly engine: 'eventstoredb';
  /** The connection string as given: it can hold a password, and is for the client alone. */
  readonly connection: string;
  /** True when it may go without TLS and credentials. */
  readonly insecure: boolean;
}

/** The places of a ledger's parts. */
export type LedgerLocation = SqliteLocation | EventStoreDbLocation;

export const defaultStoreUrl = 'sqlite:./data/ledger.db';

/** The beginning of every store URL. */
export const storeUrlStart = /^(?:sqlite|(?:esdb|kurrentdb|kdb)(?:\+discover)?):./;

/** A store URL that cannot be used. */
export class StoreUrlError extends SpokenError {
  readonly code = 'store_url';
}

/**
 * Reads a store URL (interchange §1).
 *
 * `sqlite:PATH`: the ledger's other files lie beside this one: `ledger.db`, `ledger.keys.db`,
 * `ledger.views.db`, `ledger.log.db`, and for the HTTP service `ledger.access.db`,
 * `ledger.access.ndjson`, `ledger.packs/`, `ledger.evidence/`.
 *
 * `esdb://…`, `kurrentdb://…`, `kdb://…`, each also with `+discover`: the files lie in the folder
 * `LEDGER_DATA` (default `./data`), under a name made of hosts and ledger. The scheme names the
 * client and is not in it: a ledger keeps its files when its client changes.
 * `LEDGER_ALLOW_INSECURE=1` allows a URL without TLS.
 *
 * `LEDGER_KEYS` is the file of the keys, and `LEDGER_ACCESS` that of API keys and webhooks, where
 * they lie elsewhere or nodes share them; `LEDGER_EVIDENCE` is the folder of files of evidence.
 * They are for the ledger that a program is about: another one beside it has its place from
 * {@link secondLocationOf}.
 *
 * @throws StoreUrlError for anything else; messages hold no credentials
 */
export function locationOf(
  url: string,
  environment: NodeJS.ProcessEnv = process.env,
): LedgerLocation {
  const path = /^sqlite:(?!\/\/)(.+)$/.exec(url)?.[1];
  if (path !== undefined) {
    const events = resolve(path);
    const beside = filesAt(events.replace(/\.(?:db|sqlite3?)$/, ''));
    const files = { ...beside, ...filesElsewhere(environment) };
    // One process has the access file: the ends of its log stay with the log's other facts.
    return { engine: 'sqlite', url, events, ...files, anchors: files.access };
  }
  const shown = withoutCredentials(url);
  const [, hosts = '', query = ''] =
    /^(?:esdb|kurrentdb|kdb)(?:\+discover)?:\/\/(?:.*@)?([^@/?]+)\/?(?:\?(.*))?$/s.exec(url) ?? [];
  if (hosts === '') {
    throw new StoreUrlError({
      en:
        `cannot use the store URL "${shown}": give sqlite:PATH, esdb://HOST or kurrentdb://HOST, ` +
        `for instance ${defaultStoreUrl}`,
      zh:
        `存储 URL "${shown}" 无法使用：请给出 sqlite:PATH、esdb://HOST 或 kurrentdb://HOST，` +
        `例如 ${defaultStoreUrl}`,
    });
  }
  const folder = resolve(given(environment['LEDGER_DATA']) ?? './data');
  const files = filesAt(
    join(folder, nameOf(hosts, new URLSearchParams(query).get('ledger') ?? 'ledger')),
  );
  return {
    engine: 'eventstoredb',
    url: shown.replace('…@', ''),
    connection: url,
    insecure: environment['LEDGER_ALLOW_INSECURE'] === '1',
    ...files,
    evidence: undefined,
    ...filesElsewhere(environment),
  };
}

/** The files of a ledger that do not lie beside its others. */
export interface FilesElsewhere {
  readonly keysFile?: string | undefined;
  readonly accessFile?: string | undefined;
}

/**
 * Reads the URL of a ledger beside the one that a program is about: the target of a copy or of a
 * restore, a copy that follows, the demo. The variables name another
 * ledger's files, which must not be written for this one.
 *
 * @throws StoreUrlError
 */
export function secondLocationOf(
  url: string,
  { keysFile = '', accessFile = '' }: FilesElsewhere = {},
  environment: NodeJS.ProcessEnv = process.env,
): LedgerLocation {
  return locationOf(url, {
    ...environment,
    LEDGER_KEYS: keysFile,
    LEDGER_ACCESS: accessFile,
    LEDGER_EVIDENCE: '',
  });
}

function filesElsewhere(
  environment: NodeJS.ProcessEnv,
): Partial<Pick<LocalFiles, 'keys' | 'access' | 'evidence'>> {
  const keys = given(environment['LEDGER_KEYS']);
  const access = given(environment['LEDGER_ACCESS']);
  const evidence = given(environment['LEDGER_EVIDENCE']);
  return {
    ...(keys !== undefined && { keys: resolve(keys) }),
    ...(access !== undefined && { access: resolve(access) }),
    ...(evidence !== undefined && { evidence: resolve(evidence) }),
  };
}

/** A store URL as it may be shown: without user and password, however badly it is formed. */
export function withoutCredentials(url: string): string {
  const end = url.lastIndexOf('@');
  if (end === -1 || url.startsWith('sqlite:')) return url;
  const [scheme = ''] = /^[a-z+]*:?(?:\/\/)?/.exec(url) ?? [];
  return `${scheme}…${url.slice(end)}`;
}

function filesAt(stem: string): Omit<LocalFiles, 'url'> {
  return {
    keys: `${stem}.keys.db`,
    readModels: `${stem}.views.db`,
    log: `${stem}.log.db`,
    access: `${stem}.access.db`,
    anchors: `${stem}.access.db`,
    accessLog: `${stem}.access.ndjson`,
    restoring: `${stem}.restoring`,
    packs: `${stem}.packs`,
    evidence: `${stem}.evidence`,
  };
}

function given(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

/**
 * A readable name, different for every engine and ledger: the digest tells apart what is cut away
 * or replaced.
 */
function nameOf(hosts: string, ledger: string): string {
  const text = `esdb ${hosts.toLowerCase()} ${ledger}`.trim();
  const readable = text.replaceAll(/[^A-Za-z0-9.]+/g, '-').slice(0, 60);
  return `${readable}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
}
