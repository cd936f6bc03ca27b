export { buildPack, buildPrintedPack } from './build-pack.js';
export type { BuiltPack, PackRequest } from './build-pack.js';
export { compute } from './computation.js';
export type { Computation, PackAppeal, PackBalance, PackQuestion } from './computation.js';
export type { Disclosed } from './disclosure.js';
export { packKind } from './manifest.js';
export type { Manifest, PackSubject, Redaction } from './manifest.js';
export type { Binding, PackPart } from './pack-binding.js';
export { PackError } from './pack-error.js';
export type { LoggedEvent, PackSource } from './pack-source.js';
export type { PackStep } from './pack-step.js';
export type {
  PrintedStatement,
  RegisteredFile,
  StatementPdf,
  StatementPrinter,
} from './statement-printer.js';
export { documentsIn } from './registered-documents.js';
export type { RegisteredDocument } from './registered-documents.js';
export type { AskedQuestion } from './question.js';
export { statementPageHash } from './statement.js';
export { linesOfVerified, verifyPack } from './verify-pack.js';
export type { PackCheck, PackReport, PackTrust } from './verify-pack.js';
export type { Verified } from './verified.js';
export { PrintingError } from './whole-pdf.js';
export { writeZip, zipEntry } from './zip-write.js';
export { readZip } from './zip-read.js';
export type { ZipEntry } from './zip-form.js';
