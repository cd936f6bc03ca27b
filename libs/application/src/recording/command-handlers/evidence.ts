import {
  evidence,
  evidenceStream,
  type CommandLine,
  type DecisionContext,
  type RegisterEvidence,
} from '@penalty-ledger/ledger';
import { isSealable, type CommandContext } from '../command-context.js';
import { accepted, erased, type Outcome } from '../outcome.js';
import { unknownAgency } from './agency.js';

/** Registers a piece of evidence in a stream of its own. */
export function handleEvidenceCommand(
  command: RegisterEvidence,
  line: CommandLine,
  context: DecisionContext,
  commandContext: CommandContext,
): Outcome {
  const { evidenceId, subject } = command.data;
  const unknown = unknownAgency(subject.kind === 'agency' ? subject.id : undefined, commandContext);
  if (unknown !== undefined) return unknown;
  const id = evidence.subjectOf(evidenceId);
  const event = evidence.registerEvidence(command);
  const place = { stream: evidenceStream(evidenceId), head: undefined };
  const key = commandContext.subject(id);
  if (!isSealable([event], key)) return erased(id);
  commandContext.append([event], place, line, context, key);
  return accepted([event.type], []);
}
