import {
  canonicalJson,
  checkOf,
  closed,
  IdSchema,
  type InBoth,
  Sha256Schema,
  type Shape,
  SpokenError,
  UtcInstantSchema,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';

/** The folder is not a backup that can be read, or its files are not what its manifest says. */
export class BackupDamagedError extends SpokenError {
  readonly code = 'backup_damaged';
  readonly hint: InBoth | undefined;

  constructor(text: InBoth, options: ErrorOptions & { readonly hint?: InBoth } = {}) {
    super(text, options);
    this.hint = options.hint;
  }
}

/** The sequences of lines that a backup keeps. */
export type SequenceName = 'events' | 'checkpoints' | 'access-log';

/** Digits of a line's number in a file's name: names in order are lines in order. */
const nameDigits = 15;

/** A file with consecutive lines of a sequence, in gzip. */
export type Segment = Shape<typeof SegmentSchema>;
const SegmentSchema = closed({
  bytes: Type.Integer({ minimum: 1 }),
  file: Type.String({
    pattern: String.raw`^(?:events|checkpoints|access-log)-\d{15}-\d{15}\.ndjson\.gz$`,
  }),
  first: Type.Integer({ minimum: 1 }),
  last: Type.Integer({ minimum: 1 }),
  sha256: Sha256Schema,
});

const LastEventSchema = closed({
  leafHash: Sha256Schema,
  recordedAt: UtcInstantSchema,
  revision: Type.Integer({ minimum: 0 }),
  stream: Type.String({ pattern: '^[A-Za-z0-9._:-]{1,80}$' }),
});

const count = Type.Integer({ minimum: 0 });

/** The content of `backup.json` (`docs/spec/backup.md`). */
export type Manifest = Shape<typeof ManifestSchema>;
const ManifestSchema = closed({
  accessLog: Type.Optional(
    closed({
      bytes: count,
      cutEntries: Type.Optional(count),
      entries: count,
      lastHash: Sha256Schema,
      segments: Type.Array(SegmentSchema),
    }),
  ),
  checkpoints: closed({ count, lastSize: count, segments: Type.Array(SegmentSchema) }),
  events: closed({
    count,
    edge: Type.Array(Sha256Schema, { maxItems: 53 }),
    last: Type.Optional(LastEventSchema),
    root: Sha256Schema,
    segments: Type.Array(SegmentSchema),
  }),
  format: Type.Literal(1),
  ledgerId: IdSchema,
  madeAt: UtcInstantSchema,
  simulation: Type.Boolean(),
  verifierKey: Type.Optional(Type.String({ maxLength: 200 })),
});

const check = checkOf(ManifestSchema, 'backup.json');

/** The limit of a manifest: some 80,000 segments. */
export const manifestByteLimit = 1 << 24;

/** The bytes of a manifest: canonical JSON and a line feed. */
export function manifestText(manifest: Manifest): string {
  return `${canonicalJson(manifest)}\n`;
}

/**
 * Reads a manifest.
 *
 * @param path for messages
 * @throws BackupDamagedError when it is not one, to the byte
 */
export function readManifest(text: string, path: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BackupDamagedError({
      en: `"${path}" is not JSON: give a folder that "ledger backup" made`,
      zh: `"${path}" 不是 JSON：请给出由 "ledger backup" 生成的文件夹`,
    });
  }
  if (isObject(value) && value['format'] !== 1) {
    const format = shortText(value['format']);
    throw new BackupDamagedError(
      format === undefined
        ? {
            en: `"${path}" is damaged: its format is not 1, nor another number`,
            zh: `"${path}" 已损坏：其格式既不是 1，也不是其他数字`,
          }
        : {
            en:
              `"${path}" has format ${format}, ` +
              'and this release reads format 1: use the release that wrote it',
            zh: `"${path}" 的格式为 ${format}，而此版本读取格式 1：请使用写入它的版本`,
          },
    );
  }
  const [problem] = check(value);
  if (problem !== undefined)
    throw new BackupDamagedError({
      en: `"${path}" is damaged: ${problem.en}`,
      zh: `"${path}" 已损坏：${problem.zh}`,
    });
  const manifest = value as Manifest;
  if (manifestText(manifest) !== text)
    throw new BackupDamagedError({
      en: `"${path}" is damaged: it is not canonical JSON and a line feed`,
      zh: `"${path}" 已损坏：不是规范 JSON 加换行`,
    });
  const { accessLog, checkpoints, events } = manifest;
  const sequences = [
    ['events', events.segments, events.count],
    ['checkpoints', checkpoints.segments, checkpoints.count],
    ['access-log', accessLog?.segments ?? [], linesOf(accessLog)],
  ] as const;
  for (const [name, segments, lines] of sequences)
    if (!isComplete(name, segments, lines))
      throw new BackupDamagedError({
        en: `"${path}" is damaged: its segments of ${name} do not hold the lines 1 to ${lines}`,
        zh: `"${path}" 已损坏：其 ${name} 分段没有第 1 行至第 ${lines} 行`,
      });
  if ((events.last === undefined) !== (events.count === 0))
    throw new BackupDamagedError({
      en: `"${path}" is damaged: it does not name the last event`,
      zh: `"${path}" 已损坏：没有写明最后一个事件`,
    });
  return manifest;
}

/** The name of a segment: `events-000000000000001-000000000000120.ndjson.gz`. */
export function segmentFile(name: SequenceName, first: number, last: number): string {
  const [from, to] = [first, last].map((number) => String(number).padStart(nameDigits, '0'));
  return `${name}-${from}-${to}.ndjson.gz`;
}

/** The lines of an access log: its entries, and before them the cut of those that are gone. */
function linesOf(log: Manifest['accessLog']): number {
  if (log === undefined) return 0;
  return log.cutEntries === undefined ? log.entries : log.entries - log.cutEntries + 1;
}

/** Says whether segments hold the lines from 1 to `lines`, each once and in order. */
function isComplete(name: SequenceName, segments: readonly Segment[], lines: number): boolean {
  let reached = 0;
  for (const { file, first, last } of segments) {
    if (first !== reached + 1 || last < first || file !== segmentFile(name, first, last))
      return false;
    reached = last;
  }
  return reached === lines;
}

/** A number, or a short text in quotes; `undefined` for a value that is not to be printed. */
function shortText(value: unknown): string | undefined {
  const isShort = typeof value === 'string' && value.length <= 20;
  return typeof value === 'number' || isShort ? JSON.stringify(value) : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
