import {
  promoteLedger,
  promotionOutlook,
  sourceUrlOf,
  type LedgerPromoted,
  type PromotionOutlook,
} from '@penalty-ledger/application/following';
import { connectionTo, type SourceFiles } from '../follow/source-files.js';
import { note } from '../terminal/io.js';
import { stepLine } from './page.js';
import { said } from '../terminal/language.js';

/** A promotion as the command line asks for it. */
export interface PromotionRequest extends SourceFiles {
  readonly store: string;
  readonly url?: string | undefined;
  readonly keys?: string | undefined;
  readonly formerWriterIsStopped?: boolean | undefined;
  readonly acceptLostTexts?: boolean | undefined;
}

/** Looks at a copy, and says that it does: opening it can take a while. */
export function lookAt(store: string): Promise<PromotionOutlook> {
  note(said(`opening ${store}`, `正在打开 ${store}`));
  return promotionOutlook(store);
}

/** Promotes a copy, and tells each step. The writer until now is told if a token is given. */
export async function promote(request: PromotionRequest): Promise<LedgerPromoted> {
  const { store, tokenFile, url } = request;
  const { source: followed } = await lookAt(store);
  const source = tokenFile === undefined ? undefined : connectionTo(followed, request);
  try {
    return await promoteLedger({
      url: store,
      source,
      writer: url === undefined ? undefined : sourceUrlOf(url),
      keys: request.keys,
      formerWriterIsStopped: request.formerWriterIsStopped ?? false,
      acceptsLostTexts: request.acceptLostTexts ?? false,
      onStep: (step) => note(stepLine(step)),
    });
  } finally {
    source?.close();
  }
}
