import { canonicalJson, parseCanonical, type ShapeCheck } from '@penalty-ledger/ledger';
import { jsonLimits, marksOf } from './json-limits.js';
import { PackError } from './pack-error.js';

/** UTF-8 to the byte, or `undefined`. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Reads a JSON file of a pack.
 *
 * @param name what it is called in problems: `manifest` for `manifest_bytes` and `manifest_form`
 * @throws PackError
 */
export function readPackJson(bytes: Uint8Array, name: string, shape: ShapeCheck): unknown {
  const text = textOf(bytes) ?? '';
  const parsed = marksOf(text, jsonLimits.marks) === undefined ? undefined : parseCanonical(text);
  if (parsed === undefined)
    throw new PackError(`${name}_bytes`, {
      en: 'not canonical JSON in UTF-8, or of more values or levels than are allowed',
      zh: '不是 UTF-8 的规范 JSON，或其中的值或层数超过上限',
    });
  if (!shape(parsed.value))
    throw new PackError(`${name}_form`, {
      en: 'not with the members it has, each of its form',
      zh: '成员不全、多余或格式有误',
    });
  return parsed.value;
}

export function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(canonicalJson(value));
}
