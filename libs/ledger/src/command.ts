import { joined, inEach } from './in-both.js';
import type { InBoth } from './in-both.js';
import {
  commandSchemas as agencyCommandSchemas,
  type AgencyCommand,
  type AgencyCommandName,
} from './agency/commands.js';
import { problemOfAgencyCommand } from './agency/decide/command-problem.js';
import type { DecisionContext } from './decision.js';
import {
  commandSchema as computeAssessmentSchema,
  type ComputeAssessment,
} from './assessment/assessment.js';
import { canonicalJson } from './canonical-json.js';
import {
  commandSchemas as creatorCommandSchemas,
  problemOf as problemOfCreatorCommand,
  type CreatorCommand,
} from './creator/creator.js';
import {
  commandSchemas as holdCommandSchemas,
  problemOf as problemOfHoldCommand,
  type HoldCommand,
} from './erasure.js';
import { commandSchema as registerEvidenceSchema, type RegisterEvidence } from './evidence.js';
import { parseInstant, type Instant } from './instant.js';
import {
  commandSchemas as registerCommandSchemas,
  type RegisterCommand,
} from './rulebook-register.js';
import { calendarProblem } from './calendar.js';
import type { NounKind } from './nouns.js';
import { rulebookByteLimit, rulebookProblems } from './rulebook.js';
import { checkOf, IdSchema, InstantSchema, Type, type Check, wanted } from './schema.js';
import {
  problemOf as problemOfSessionCommand,
  commandSchemas as sessionCommandSchemas,
  type SessionCommand,
} from './session/session.js';
import { commandSchemas as slotsCommandSchemas, type SlotsCommand } from './traffic/slots.js';
import { commandSchemas as themesCommandSchemas, type ThemesCommand } from './traffic/themes.js';
import { instantFields } from './command-instants.js';

/**
 * Commands on creators and sessions, and the assessment computed from them (interchange §2, Roster;
 * Sessions; Assessment).
 */
export type FactCommand = CreatorCommand | SessionCommand | ComputeAssessment;

/** Commands of traffic support that belong to no agency's stream (interchange §2, Assessment). */
export type TrafficCommand = SlotsCommand | ThemesCommand;

export type LedgerCommand =
  AgencyCommand | FactCommand | HoldCommand | RegisterCommand | RegisterEvidence | TrafficCommand;

/** A command line of interchange §2, checked and read. */
export interface CommandLine {
  readonly at?: Instant;
  readonly command: LedgerCommand;
  readonly by?: string;
  readonly commandId?: string;
  /**
   * In an import, of a line that creates no id and has no `commandId`: its place among the lines of
   * the file with the same command, `by` and data, from 1 (interchange §2, Repetition).
   */
  readonly occurrence?: number;
  /** The data as sent: a repetition is recognised by them. */
  readonly dataAsSent: unknown;
}

const lineSchema = Type.Object(
  {
    at: Type.Optional(InstantSchema),
    command: Type.String(),
    by: Type.Optional(IdSchema),
    commandId: Type.Optional(IdSchema),
    data: Type.Object(
      {},
      { description: wanted('an object: the data of the command', '对象：指令的数据') },
    ),
  },
  { additionalProperties: false },
);

/** The schema of every fact command's data, by command name. */
export const factCommandSchemas = {
  ...creatorCommandSchemas,
  ...sessionCommandSchemas,
  ComputeAssessment: computeAssessmentSchema,
} as const;

const schemas = {
  ...agencyCommandSchemas,
  ...factCommandSchemas,
  ...slotsCommandSchemas,
  ...themesCommandSchemas,
  ...registerCommandSchemas,
  RegisterEvidence: registerEvidenceSchema,
  ...holdCommandSchemas,
};

/** The schema of every command's data, by command name. */
export const commandSchemas: Readonly<
  Record<LedgerCommand['command'], (typeof schemas)[keyof typeof schemas]>
> = schemas;

const checkLine = checkOf(lineSchema, 'line');
const checkData = new Map<string, Check>(
  Object.entries(schemas).map(([name, schema]) => [name, checkOf(schema, 'data')]),
);

/** Finds what is wrong with the form of a command's data. */
export function formProblem(command: LedgerCommand['command'], data: unknown): InBoth | undefined {
  const problems = checkData.get(command)?.(data) ?? [];
  return problems.length === 0 ? undefined : joined(problems);
}

interface Line {
  readonly at?: string;
  readonly command: string;
  readonly by?: string;
  readonly commandId?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The result of reading a command line: the line, or all its problems, each with its path. */
export type ReadLine =
  | { readonly problems: readonly InBoth[] }
  | { readonly problems?: undefined; readonly line: CommandLine };

/** Checks and reads one parsed command line. Unknown fields and unknown commands are problems. */
export function readCommandLine(value: unknown): ReadLine {
  const problems = checkLine(value);
  if (problems.length > 0) return { problems };
  const { at, command, by, commandId, data: sent } = value as Line;
  const check = checkData.get(command);
  if (check === undefined) {
    return {
      problems: [
        {
          en:
            `line.command: "${command}" is not a command; ` +
            `there are ${[...checkData.keys()].join(', ')}`,
          zh: `line.command："${command}" 不是指令；指令有 ${[...checkData.keys()].join('、')}`,
        },
      ],
    };
  }
  const shapeProblems = check(sent);
  const named = (problem: InBoth): boolean =>
    shapeProblems.some((known) => placeOf(known) === placeOf(problem));
  const dataProblems = [
    ...shapeProblems,
    ...(isWritable(sent) ? [] : valueProblems(sent, 'data').filter((problem) => !named(problem))),
  ];
  if (dataProblems.length === 0 && Object.hasOwn(registerCommandSchemas, command))
    dataProblems.push(...lengthProblems(sent));
  if (dataProblems.length > 0) return { problems: dataProblems };
  const data = holdsMinusZero(sent) ? (withoutMinusZero(sent) as typeof sent) : sent;
  return {
    line: {
      command: { command, data: withInstants(data) } as unknown as LedgerCommand,
      dataAsSent: data,
      ...(at !== undefined && { at: instantIn(at) }),
      ...(by !== undefined && { by }),
      ...(commandId !== undefined && { commandId }),
    },
  };
}

/** The `at` of a line that is otherwise wrong, so that the clock can still move to it. */
export function instantOfLine(value: unknown): Instant | undefined {
  const at = (value as { at?: unknown } | null)?.at;
  return typeof at === 'string' ? parseInstant(at) : undefined;
}

/**
 * Says whether {@link valueProblems} finds nothing. It runs on every line, so it builds no paths.
 */
function isWritable(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  // The names of 39,000 places took 4 ms.
  if (Array.isArray(value)) return value.every(isWritable);
  for (const key in value) if (!isWritable((value as Record<string, unknown>)[key])) return false;
  return true;
}

/**
 * Finds values that are valid JSON but cannot be written back: half a surrogate pair, which no
 * encoder takes, and a number that is not a safe integer, which another reader may read as a
 * different number.
 */
function valueProblems(value: unknown, place: string): InBoth[] {
  if (typeof value === 'string')
    return value.isWellFormed()
      ? []
      : [
          {
            en: `${place}: text with half a surrogate pair; send complete characters`,
            zh: `${place}：文本含半个代理对；请发送完整字符`,
          },
        ];
  if (typeof value === 'number')
    return Number.isSafeInteger(value)
      ? []
      : [
          {
            en: `${place}: ${String(value)} is not an integer between -(2^53-1) and 2^53-1`,
            zh: `${place}：${String(value)} 不是 -(2^53-1) 至 2^53-1 之间的整数`,
          },
        ];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => valueProblems(member, `${place}.${key}`));
}

/** `data.points` of `data.points: must be …`. */
function placeOf({ en }: InBoth): string {
  return en.slice(0, en.indexOf(':'));
}

/** Finds documents of rules that are too long for one event. */
function lengthProblems(sent: Readonly<Record<string, unknown>>): InBoth[] {
  return Object.entries(sent).flatMap(([name, document]) => {
    const bytes = Buffer.byteLength(canonicalJson(document));
    return bytes <= rulebookByteLimit
      ? []
      : [
          {
            en:
              `data.${name}: ${String(bytes)} bytes of canonical JSON; ` +
              `the limit is ${String(rulebookByteLimit)}`,
            zh:
              `data.${name}：规范 JSON 有 ${String(bytes)} 字节；` +
              `上限为 ${String(rulebookByteLimit)}`,
          },
        ];
  });
}

/** Says whether a value holds minus zero: JSON has it and an event must not. */
function holdsMinusZero(value: unknown): boolean {
  if (typeof value === 'number') return Object.is(value, -0);
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsMinusZero);
  for (const key in value) if (holdsMinusZero((value as Record<string, unknown>)[key])) return true;
  return false;
}

function withoutMinusZero(value: unknown): unknown {
  if (Object.is(value, -0)) return 0;
  if (Array.isArray(value)) return value.map(withoutMinusZero);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, withoutMinusZero(member)]),
  );
}

/**
 * Only `PublishRulebook` keeps its instants as sent: a rulebook's hash covers the document as
 * published.
 */
function withInstants(data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const read: Record<string, unknown> = { ...data };
  for (const field of instantFields) {
    const text = read[field];
    if (typeof text === 'string') read[field] = instantIn(text);
  }
  return read;
}

function instantIn(text: string): Instant {
  const instant = parseInstant(text);
  if (instant === undefined)
    throw new TypeError(`"${text}" passed the schema and is not an instant`);
  return instant;
}

/**
 * The kind and id of the thing a command creates, if any (interchange §2: "the same creating id").
 */
export function creationOf({
  command,
  data,
}: LedgerCommand): { readonly kind: NounKind; readonly id: string } | undefined {
  switch (command) {
    case 'AdmitAgency':
      return { kind: 'agency', id: data.agencyId };
    case 'RecordDeduction':
      return { kind: 'deduction', id: data.deductionId };
    case 'InitiateAppeal':
      return { kind: 'appeal', id: data.appealId };
    case 'FileComplaint':
      return { kind: 'complaint', id: data.complaintId };
    case 'RecordMeasure':
      return { kind: 'measure', id: data.measureId };
    case 'RequestHumanReview':
      return { kind: 'review', id: data.reviewId };
    case 'RecordAddition':
      return { kind: 'addition', id: data.additionId };
    case 'RecordGrowthPost':
      return { kind: 'post', id: data.postId };
    case 'RecordSession':
      return { kind: 'session', id: data.sessionId };
    case 'ProposeTheme':
      return { kind: 'proposal', id: data.proposalId };
    case 'RegisterEvidence':
      return { kind: 'evidence', id: data.evidenceId };
    case 'PlaceLegalHold':
      return { kind: 'hold', id: data.holdId };
    case 'PublishRulebook':
      return { kind: 'rulebook', id: `${data.rulebook.id}@${data.rulebook.rulebookVersion}` };
    case 'PublishCalendar':
      return { kind: 'calendar', id: `${data.calendar.id}@${data.calendar.calendarVersion}` };
    default:
      return undefined;
  }
}

/**
 * The key by which a command finds its agency: the agency's own id, an id in the agency's history,
 * or a creator and the instant at which its agency answers for it.
 */
export type AgencyReference =
  | {
      readonly kind:
        'agency' | 'deduction' | 'appeal' | 'complaint' | 'measure' | 'review' | 'addition';
      readonly id: string;
    }
  | { readonly kind: 'creator'; readonly id: string; readonly at: Instant };

export function agencyReferenceOf(command: AgencyCommand): AgencyReference {
  const { data } = command;
  if (command.command === 'FileComplaint') {
    const { agencyId, creatorId, occurredAt } = command.data;
    return creatorId === undefined
      ? { kind: 'agency', id: agencyId ?? '' }
      : { kind: 'creator', id: creatorId, at: occurredAt };
  }
  if ('into' in data) return { kind: 'complaint', id: data.into };
  if ('complaintId' in data) return { kind: 'complaint', id: data.complaintId };
  if ('agencyId' in data) return { kind: 'agency', id: data.agencyId };
  if ('measureId' in data) return { kind: 'measure', id: data.measureId };
  if ('reviewId' in data) return { kind: 'review', id: data.reviewId };
  if ('additionId' in data) return { kind: 'addition', id: data.additionId };
  if ('deductionId' in data) return { kind: 'deduction', id: data.deductionId };
  return { kind: 'appeal', id: data.appealId };
}

/**
 * Finds what is malformed or contradictory in a command at the instant it arrives, without the
 * ledger's content.
 */
export function problemOf(
  command: LedgerCommand,
  when: Pick<DecisionContext, 'now' | 'zone' | 'rulebooks'>,
): InBoth | undefined {
  switch (command.command) {
    case 'RegisterEvidence':
      return undefined;
    case 'PublishRulebook': {
      const problems = rulebookProblems(command.data.rulebook);
      return problems.length === 0
        ? undefined
        : joined(problems.map((each) => inEach(each, (half) => `data.rulebook.${half}`)));
    }
    case 'PublishCalendar': {
      const problem = calendarProblem(command.data.calendar);
      return problem && inEach(problem, (half) => `data.calendar.${half}`);
    }
    case 'BindCreator':
    case 'UnbindCreator':
    case 'GrantExposureRight':
    case 'WithdrawExposureRight':
      return problemOfCreatorCommand(command, when);
    case 'RecordSession':
    case 'CorrectSession':
    case 'VoidSession':
      return problemOfSessionCommand(command, when);
    case 'PlaceLegalHold':
    case 'LiftLegalHold':
      return problemOfHoldCommand(command, when);
    case 'AllocateSlots':
    case 'AssignSlot':
    case 'ComputeAssessment':
    case 'DeclareBlackout':
    case 'ProposeTheme':
    case 'SelectTheme':
    case 'WaiveSlot':
      return undefined;
    default:
      return problemOfAgencyCommand(command, when);
  }
}

export function isAgencyCommand(command: LedgerCommand): command is AgencyCommand {
  return (command.command as AgencyCommandName) in agencyCommandSchemas;
}
