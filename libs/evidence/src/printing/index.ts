export { openFont } from './font-file.js';
export type { FontFile } from './font-file.js';
export { statementPrinter } from './statement-printer.js';
