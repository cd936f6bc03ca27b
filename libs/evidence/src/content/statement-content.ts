import { answerBlocks, appealBlocks } from './answers.js';
import type { Block, Clock, Line } from './blocks.js';
import { assessmentBlocks, fileBlocks, measureBlocks, otherTextBlocks } from './facts.js';
import { countBlocks, deductionBlocks } from './points.js';
import {
  assumptionBlocks,
  checkpointBlocks,
  howToVerifyBlocks,
  leftOutBlocks,
  leftOutSummary,
} from './proof.js';
import { Records, type StatementData } from './records.js';
import { timelineBlocks } from './timeline.js';

/** The content of a statement, which page and PDF both draw. */
export interface StatementContent {
  readonly blocks: readonly Block[];
  /** For every page: of a simulation that it is one, and what was left out and why. */
  readonly simulation?: string;
  readonly leftOut?: Line;
}

/** Returns the whole content of a statement, in the order in which it is read. */
export function statementContent(data: StatementData, clock: Clock): StatementContent {
  const records = new Records(data, clock);
  const leftOut = leftOutSummary(records.leftOut());
  const blocks = [
    answerBlocks,
    appealBlocks,
    timelineBlocks,
    countBlocks,
    deductionBlocks,
    assessmentBlocks,
    measureBlocks,
    fileBlocks,
    otherTextBlocks,
    assumptionBlocks,
    leftOutBlocks,
    checkpointBlocks,
  ].flatMap((part) => part(records));
  return {
    blocks: [...blocks, ...howToVerifyBlocks()],
    ...(data.computation.simulation === true && {
      simulation: '模拟：非真实记录 SIMULATION: not a record of what happened',
    }),
    ...(leftOut !== undefined && { leftOut }),
  };
}
