import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { statementPrinter } from '@penalty-ledger/evidence/printing';
import type { StatementPrinter } from '@penalty-ledger/evidence';

const library = join(__dirname, '..', '..', 'libs', 'evidence', 'package.json');

/** The font that statements are printed with, as it is installed. */
export const statementFont = createRequire(library).resolve(
  '@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf',
);

let known: StatementPrinter | undefined;

/** One printer for all tests of a file: opening the font is most of the time. */
export function installedStatementPrinter(): StatementPrinter {
  return (known ??= statementPrinter(readFileSync(statementFont)));
}
