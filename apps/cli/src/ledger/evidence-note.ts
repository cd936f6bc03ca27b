import { existsSync } from 'node:fs';
import { locationOf } from '@penalty-ledger/application/store-url';
import { note } from '../terminal/io.js';
import { said } from '../terminal/language.js';

/** Says that the files of evidence of a ledger do not go along, if it keeps any. */
export function noteEvidenceStays(url: string): void {
  const { evidence } = locationOf(url);
  if (evidence === undefined || !existsSync(evidence)) return;
  note(
    said(
      `the files of evidence in "${evidence}" are not included: copy that folder`,
      `"${evidence}" 中的证据文件未包含在内：请另行复制该文件夹`,
    ),
  );
}
