import {
  agency,
  agencyReferenceOf,
  agencyOfStream,
  creationOf,
  creator,
  fingerprintOf,
  isAgencyCommand,
  type Causation,
  type CommandLine,
  type LedgerCommand,
  type NounKind,
  type StreamHead,
  type SubjectKey,
} from '@penalty-ledger/ledger';
import { registrationKey, type Registration } from '@penalty-ledger/projections';

/** Looks an id up by its key (`registrationKey`). */
export type Registered = (key: string) => Registration | undefined;

/** The actor of an import's line that names none. */
export const importActor = 'import';

/** An id that a command takes. */
export interface TakenId {
  readonly kind: NounKind;
  readonly id: string;
}

/**
 * The ids of a command: its own, as it is recorded ({@link recordedIdOf}), and that of what it
 * creates.
 */
export function idsOf({ command, commandId }: CommandLine): readonly TakenId[] {
  const creation = creationOf(command);
  return [
    ...(commandId === undefined ? [] : [{ kind: 'command', id: commandId } as const]),
    ...(creation === undefined ? [] : [creation]),
  ];
}

/**
 * The keys that recognising a command asks for: its own id as anybody's and as this sender's, what
 * it creates, and what the line of an import names.
 */
export function keysToLookUp(line: CommandLine, actor: string): readonly string[] {
  const keys = idsOf(line).map(({ kind, id }) => registrationKey(kind, id));
  if (line.commandId !== undefined)
    keys.push(registrationKey('command', idBeside(line.commandId, actor)));
  const reference = line.occurrence === undefined ? undefined : referenceKeyOf(line.command);
  if (reference !== undefined) keys.push(reference);
  return keys;
}

/**
 * The id under which the ledger records a sender's `commandId`: as it was sent, unless another
 * sender had it first. Both could otherwise make the same event id (docs/spec/event.md, "Actor and
 * causation").
 */
export function recordedIdOf(commandId: string, actor: string, registered: Registered): string {
  const first = registered(registrationKey('command', commandId));
  return first === undefined || first.actor === actor ? commandId : idBeside(commandId, actor);
}

function idBeside(commandId: string, actor: string): string {
  return `${commandId}@${actor}`;
}

/** The id of an import's line that has none: by what it says, and for which time in its file. */
export function importedLineId(actor: string, fingerprint: string, occurrence: number): string {
  return `import@${actor}@${fingerprint.slice(0, 48)}@${String(occurrence)}`;
}

/**
 * The command's id: as it is recorded for the sender, or derived from what it creates, from what
 * the line of an import says, or from its place (docs/spec/event.md, "Actor and causation").
 *
 * @param line its `commandId` is the one that is recorded ({@link recordedIdOf})
 */
export function causationOf(
  { command, commandId, occurrence, dataAsSent }: CommandLine,
  actor: string,
  stream: string,
  head: StreamHead | undefined,
  key?: SubjectKey,
): Causation {
  const fingerprint = fingerprintOf(command.command, dataAsSent, key);
  const creation = creationOf(command);
  const derivedId = (): string => {
    if (creation !== undefined) return `${creation.kind}/${creation.id}`;
    return occurrence === undefined
      ? placeId(stream, head, fingerprint)
      : importedLineId(actor, fingerprint, occurrence);
  };
  return { command: command.command, commandId: commandId ?? derivedId(), fingerprint };
}

/**
 * The id of what the ledger records on its own, or without an id from a sender: named for its
 * place.
 */
export function causationAt(
  command: string,
  { stream, head }: { readonly stream: string; readonly head: StreamHead | undefined },
  data: object,
): Causation {
  const fingerprint = fingerprintOf(command, data);
  return { command, commandId: placeId(stream, head, fingerprint), fingerprint };
}

function placeId(stream: string, head: StreamHead | undefined, fingerprint: string): string {
  return `${stream}@${String((head?.revision ?? -1) + 1)}/${fingerprint.slice(0, 16)}`;
}

/**
 * The key of the record by which a command that creates nothing finds its agency, or the subject it
 * is on, if it needs one.
 */
function referenceKeyOf(command: LedgerCommand): string | undefined {
  if (command.command === 'CorrectSession' || command.command === 'VoidSession')
    return registrationKey('session', command.data.sessionId);
  if (command.command === 'LiftLegalHold') return registrationKey('hold', command.data.holdId);
  if (!isAgencyCommand(command)) return undefined;
  const { kind, id } = agencyReferenceOf(command);
  return kind === 'agency' ? undefined : registrationKey(kind, id);
}

/**
 * The subject whose key makes the fingerprint of a command that creates nothing; null when it is
 * made without a key, `undefined` when the command names a record that is unknown.
 */
export function fingerprintSubjectOf(
  command: LedgerCommand,
  registered: Registered,
): string | null | undefined {
  switch (command.command) {
    case 'BindCreator':
    case 'UnbindCreator':
    case 'GrantExposureRight':
    case 'WithdrawExposureRight':
      return creator.subjectOf(command.data.creatorId);
    case 'PlaceLegalHold':
      return command.data.subject;
    case 'LiftLegalHold':
      return registered(registrationKey('hold', command.data.holdId))?.subject;
    default: {
      const agencyId = agencyNamedBy(command, registered);
      if (typeof agencyId !== 'string') return agencyId;
      return isAgencyCommand(command)
        ? agency.subjectOfCommand(command, agencyId)
        : agency.subjectOf(agencyId);
    }
  }
}

/** Returns the agency of a command; null when it is on none, `undefined` when it is unknown. */
function agencyNamedBy(command: LedgerCommand, registered: Registered): string | null | undefined {
  const key = referenceKeyOf(command);
  if (key === undefined) return isAgencyCommand(command) ? agencyReferenceOf(command).id : null;
  const stream = registered(key)?.stream;
  return stream === undefined ? undefined : agencyOfStream(stream);
}
