import { defaultLanguage, type Language } from '@penalty-ledger/application/language';

export { defaultLanguage, type InBoth, type Language } from '@penalty-ledger/application/language';

/**
 * The language to answer in, from `Accept-Language` (RFC 9110 §12.5.4): of the ranges that match
 * one of ours the one with the greatest weight, and the earlier of two alike. `zh-Hans-CN`, `zh-TW`
 * and `zh` are Chinese (we write simplified characters), `*` is {@link defaultLanguage}, and a
 * weight of 0 refuses. A malformed range is skipped: a header never makes a request fail.
 */
export function languageOf(acceptLanguage: string | undefined): Language {
  if (acceptLanguage === undefined) return defaultLanguage;
  let best: { readonly language: Language; readonly weight: number } | undefined;
  for (const range of acceptLanguage.slice(0, maxHeaderLength).split(',')) {
    const match = rangeForm.exec(range.trim().toLowerCase());
    if (match === null) continue;
    const [, tag = '', weightText = '1'] = match;
    const language = tag === '*' ? defaultLanguage : tag === 'zh' || tag === 'en' ? tag : undefined;
    const weight = Number(weightText);
    if (language !== undefined && weight > (best?.weight ?? 0)) best = { language, weight };
  }
  return best?.language ?? defaultLanguage;
}

/** No browser sends a header longer than this; the rest is not read. */
const maxHeaderLength = 1_000;

/** A primary language or `*`, subtags that change nothing, and a weight. */
const rangeForm =
  /^(\*|[a-z]{1,8})(?:-[a-z0-9]{1,8})*\s*(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/;
