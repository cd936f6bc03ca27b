import type { AgencyCommand, AgencyDecision } from '../commands.js';
import type { AgencyHistory } from '../history.js';
import { recordAddition, revokeAddition } from './additions.js';
import { decideAppeal, initiateAppeal, submitEvidence, withdrawAppeal } from './appeals.js';
import { closeComplaint, fileComplaint, mergeComplaints, unmergeComplaint } from './complaints.js';
import {
  correctDeduction,
  recordDeduction,
  recordPartialRevocation,
  recordReinstatement,
  recordRevocation,
} from './deductions.js';
import {
  admitAgency,
  applyForReentry,
  observePlatformBalance,
  recordExit,
  recordExpulsion,
  recordReadmission,
  revokeExpulsion,
} from './standing.js';
import type { DecisionContext } from '../../decision.js';
import { recordGrowthPost } from './growth-posts.js';
import { answerHumanReview, liftMeasure, recordMeasure, requestHumanReview } from './measures.js';

/**
 * Judges a command in which `problemOf` found nothing against the history of the agency it names.
 * Pure: the history is only read.
 */
export function decide(
  command: AgencyCommand,
  history: AgencyHistory,
  context: DecisionContext,
): AgencyDecision {
  switch (command.command) {
    case 'AdmitAgency':
      return admitAgency(command.data, context);
    case 'RecordExit':
      return recordExit(command.data, history, context);
    case 'RecordDeduction':
      return recordDeduction(command.data, history, context);
    case 'RecordRevocation':
      return recordRevocation(command.data, history, context);
    case 'RecordPartialRevocation':
      return recordPartialRevocation(command.data, history, context);
    case 'RecordReinstatement':
      return recordReinstatement(command.data, history, context);
    case 'CorrectDeduction':
      return correctDeduction(command.data, history, context);
    case 'InitiateAppeal':
      return initiateAppeal(command.data, history, context);
    case 'SubmitEvidence':
      return submitEvidence(command.data, history, context);
    case 'WithdrawAppeal':
      return withdrawAppeal(command.data, history, context);
    case 'DecideAppeal':
      return decideAppeal(command.data, history, context);
    case 'RecordExpulsion':
      return recordExpulsion(command.data, history, context);
    case 'RevokeExpulsion':
      return revokeExpulsion(command.data, history, context);
    case 'ApplyForReentry':
      return applyForReentry(history, context);
    case 'RecordReadmission':
      return recordReadmission(history, context);
    case 'ObservePlatformBalance':
      return observePlatformBalance(command.data, history, context);
    case 'FileComplaint':
      return fileComplaint(command.data, history);
    case 'CloseComplaint':
      return closeComplaint(command.data, history);
    case 'MergeComplaints':
      return mergeComplaints(command.data, history);
    case 'UnmergeComplaint':
      return unmergeComplaint(command.data, history);
    case 'RecordMeasure':
      return recordMeasure(command.data, history, context);
    case 'LiftMeasure':
      return liftMeasure(command.data, history, context);
    case 'RequestHumanReview':
      return requestHumanReview(command.data, history);
    case 'AnswerHumanReview':
      return answerHumanReview(command.data, history, context);
    case 'RecordAddition':
      return recordAddition(command.data, history, context);
    case 'RevokeAddition':
      return revokeAddition(command.data, history);
    case 'RecordGrowthPost':
      return recordGrowthPost(command.data);
  }
}
