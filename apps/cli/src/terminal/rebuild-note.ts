import { subscribe } from 'node:diagnostics_channel';
import type { InBoth } from '@penalty-ledger/application/language';
import { note } from './io.js';
import { said } from './language.js';

/**
 * Tells people when damaged read models are rebuilt. The channel is named here, and not imported:
 * that would load the libraries before a verb needs them.
 */
export function noteRebuilds(): void {
  subscribe('penalty-ledger.read-models-rebuilt', (message) => {
    const { path, found } = message as { readonly path: string; readonly found: InBoth };
    note(
      said(
        `the read models "${path}" were damaged (${found.en}); they are rebuilt from the events`,
        `读模型 "${path}" 已损坏（${found.zh}）；正在根据事件重建`,
      ),
    );
  });
}
