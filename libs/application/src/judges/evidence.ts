import {
  evidenceStream,
  evidenceSubject,
  registerEvidence,
  type CommandLine,
  type DecisionContext,
  type RegisterEvidence,
} from '@penalty-ledger/ledger';
import { isSealable, type Desk } from '../desk.js';
import { accepted, erased, type Outcome } from '../outcome.js';
import { unknownAgency } from './agency.js';

/** Registers a piece of evidence in a stream of its own. */
export function judgeEvidence(
  command: RegisterEvidence,
  line: CommandLine,
  context: DecisionContext,
  desk: Desk,
): Outcome {
  const { evidenceId, subject } = command.data;
  const unknown = unknownAgency(subject.kind === 'agency' ? subject.id : undefined, desk);
  if (unknown !== undefined) return unknown;
  const id = evidenceSubject(evidenceId);
  const event = registerEvidence(command);
  const place = { stream: evidenceStream(evidenceId), head: undefined };
  const key = desk.subject(id);
  if (!isSealable([event], key)) return erased(id);
  desk.append([event], place, line, context, key);
  return accepted([event.type], []);
}
