export { checkNames } from './damage.js';
export type { CheckName, CheckResult, CheckUnit, Damage } from './damage.js';
export type { OutsideFile } from './outside-check.js';
export { verifyLedger } from './verify-ledger.js';
export type { Verification, VerifyLedger, VerifyStep } from './verify-ledger.js';
