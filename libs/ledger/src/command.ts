import {
  agencyCommandSchemas,
  instantFields,
  type AgencyCommand,
  type AgencyCommandName,
} from './agency/agency-commands.js';
import { problemOfAgencyCommand } from './agency/command-problem.js';
import type { DecisionContext } from './agency/decision.js';
import { registerEvidenceSchema, type RegisterEvidence } from './evidence.js';
import { parseInstant, type Instant } from './instant.js';
import { publishRulebookSchema, type PublishRulebook } from './rulebook-register.js';
import { rulebookProblem } from './rulebook.js';
import { checkOf, IdSchema, InstantSchema, Type, type Check } from './schema.js';

export type LedgerCommand = AgencyCommand | RegisterEvidence | PublishRulebook;

/** A command line of interchange §2, checked and read. */
export interface CommandLine {
  readonly at?: Instant;
  readonly command: LedgerCommand;
  readonly by?: string;
  readonly commandId?: string;
  /** The data as sent: a repetition is recognised by them. */
  readonly dataAsSent: unknown;
}

const lineSchema = Type.Object(
  {
    at: Type.Optional(InstantSchema),
    command: Type.String(),
    by: Type.Optional(IdSchema),
    commandId: Type.Optional(IdSchema),
    data: Type.Object({}, { description: 'an object: the data of the command' }),
  },
  { additionalProperties: false },
);

const schemas = {
  ...agencyCommandSchemas,
  RegisterEvidence: registerEvidenceSchema,
  PublishRulebook: publishRulebookSchema,
};

/** The schema of every command's data, by command name. */
export const commandSchemas: Readonly<Record<LedgerCommand['command'], (typeof schemas)[keyof typeof schemas]>> =
  schemas;

const checkLine = checkOf(lineSchema, 'line');
const checkData = new Map<string, Check>(
  Object.entries(schemas).map(([name, schema]) => [name, checkOf(schema, 'data')]),
);

interface Line {
  readonly at?: string;
  readonly command: string;
  readonly by?: string;
  readonly commandId?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What came of reading a command line: the line, or everything that is wrong with it, each problem with its path. */
export type ReadLine =
  { readonly problems: readonly string[] } | { readonly problems?: undefined; readonly line: CommandLine };

/** Checks and reads one parsed command line. Unknown fields and unknown commands are problems. */
export function readCommandLine(value: unknown): ReadLine {
  const problems = checkLine(value);
  if (problems.length > 0) return { problems };
  const { at, command, by, commandId, data } = value as Line;
  const check = checkData.get(command);
  if (check === undefined) {
    return { problems: [`line.command: "${command}" is no command; there are ${[...checkData.keys()].join(', ')}`] };
  }
  const dataProblems = [...check(data), ...textProblems(data, 'data')];
  if (dataProblems.length > 0) return { problems: dataProblems };
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

/** Half a surrogate pair passes JSON and no encoder: it could not be written down again. */
function textProblems(value: unknown, path: string): string[] {
  if (typeof value === 'string')
    return value.isWellFormed() ? [] : [`${path}: text with half a surrogate pair; send whole characters`];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => textProblems(member, `${path}.${key}`));
}

/** Only `PublishRulebook` keeps its instants as sent: a rulebook's hash is over the document as it was published. */
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
  if (instant === undefined) throw new TypeError(`"${text}" passed the schema and is no instant`);
  return instant;
}

/** What a command creates, under which kind of id, or nothing (interchange §2: "the same creating id"). */
export function creationOf({
  command,
  data,
}: LedgerCommand): { readonly kind: string; readonly id: string } | undefined {
  switch (command) {
    case 'AdmitAgency':
      return { kind: 'agency', id: data.agencyId };
    case 'RecordDeduction':
      return { kind: 'deduction', id: data.deductionId };
    case 'InitiateAppeal':
      return { kind: 'appeal', id: data.appealId };
    case 'RegisterEvidence':
      return { kind: 'evidence', id: data.evidenceId };
    case 'PublishRulebook':
      return { kind: 'rulebook', id: `${data.rulebook.id}@${data.rulebook.rulebookVersion}` };
    default:
      return undefined;
  }
}

/** Through what a command on an agency finds it: the agency's own id, or one the agency's history holds. */
export function agencyReferenceOf(command: AgencyCommand): {
  readonly kind: 'agency' | 'deduction' | 'appeal';
  readonly id: string;
} {
  const { data } = command;
  if ('agencyId' in data) return { kind: 'agency', id: data.agencyId };
  if ('deductionId' in data) return { kind: 'deduction', id: data.deductionId };
  return { kind: 'appeal', id: data.appealId };
}

/** What is malformed in a command, or contradicts itself, at the instant it arrives and whatever the ledger holds. */
export function problemOf(
  command: LedgerCommand,
  when: Pick<DecisionContext, 'now' | 'zone' | 'rulebooks'>,
): string | undefined {
  switch (command.command) {
    case 'RegisterEvidence':
      return undefined;
    case 'PublishRulebook': {
      const problem = rulebookProblem(command.data.rulebook);
      return problem === undefined ? undefined : `data.rulebook.${problem}`;
    }
    default:
      return problemOfAgencyCommand(command, when);
  }
}

export function isAgencyCommand(command: LedgerCommand): command is AgencyCommand {
  return (command.command as AgencyCommandName) in agencyCommandSchemas;
}
