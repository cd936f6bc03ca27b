import { operationAnswers } from './answers/operation.js';
import { packAnswers } from './answers/packs.js';
import { recordAnswers } from './answers/records.js';
import { serviceAnswers } from './answers/service.js';
import { standingAnswers } from './answers/standing.js';
import type { SchemaObject } from './schemas.js';

/** The answers that routes share, by name. */
export const componentSchemas: Readonly<Record<string, SchemaObject>> = {
  ...serviceAnswers,
  ...standingAnswers,
  ...operationAnswers,
  ...recordAnswers,
  ...packAnswers,
};
