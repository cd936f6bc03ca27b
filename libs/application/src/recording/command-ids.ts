import {
  creationOf,
  fingerprintOf,
  type Causation,
  type CommandLine,
  type StreamHead,
  type SubjectKey,
} from '@penalty-ledger/ledger';
import { registrationKey } from '@penalty-ledger/projections';

/** The ids a command takes if it is accepted: its own, and that of what it creates. */
export function idsOf({ command, commandId }: CommandLine): readonly string[] {
  const creation = creationOf(command);
  const keys = commandId === undefined ? [] : [registrationKey('command', commandId)];
  if (creation !== undefined) keys.push(registrationKey(creation.kind, creation.id));
  return keys;
}

/**
 * The command's id: as sent, or derived from what it creates, or from its place
 * (docs/spec/event.md, "Ids").
 */
export function causationOf(
  { command, commandId, dataAsSent }: CommandLine,
  stream: string,
  head: StreamHead | undefined,
  key?: SubjectKey,
): Causation {
  const fingerprint = fingerprintOf(command.command, dataAsSent, key);
  const creation = creationOf(command);
  const id =
    creation === undefined ? placeId(stream, head, fingerprint) : `${creation.kind}/${creation.id}`;
  return { command: command.command, commandId: commandId ?? id, fingerprint };
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
