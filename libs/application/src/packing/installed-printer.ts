import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { StatementPrinter } from '@penalty-ledger/evidence';

const library = '@penalty-ledger/evidence/printing';
const font = '@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf';

/**
 * The printer of statements, with the font that is installed with the library of evidence packs:
 * 30,890 characters, of GB 18030 all that its two-byte codes have but one.
 *
 * @throws Error when the font is missing or is not a font
 */
export async function installedPrinter(): Promise<StatementPrinter> {
  const { statementPrinter } = await import('@penalty-ledger/evidence/printing');
  try {
    // The font is the library's dependency and not ours, so it is looked for from there.
    return statementPrinter(
      await readFile(createRequire(import.meta.resolve(library)).resolve(font)),
    );
  } catch (error) {
    throw new Error(
      `the font of the statement, ${font}, cannot be read: install the dependencies again (npm ci)`,
      {
        cause: error,
      },
    );
  }
}
