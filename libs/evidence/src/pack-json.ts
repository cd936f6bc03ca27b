import { canonicalJson } from '@penalty-ledger/ledger';
import { PackError } from './pack-error.js';
import type { Shape } from './shape.js';

/** UTF-8 to the byte, or `undefined`. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The value of a text that is canonical JSON to the byte: no key twice, no other order, no white space (`docs/spec/event.md`, "Bytes"). */
export function parseCanonical(text: string | undefined): { readonly value: unknown } | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return canonicalJson(value) === text ? { value } : undefined;
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
export function readPackJson(bytes: Uint8Array, name: string, shape: Shape): unknown {
  const parsed = parseCanonical(textOf(bytes));
  if (parsed === undefined) throw new PackError(`${name}_bytes`, `not canonical JSON in UTF-8`);
  if (!shape(parsed.value))
    throw new PackError(`${name}_form`, 'not with the members it has, each of its form');
  return parsed.value;
}

export function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(canonicalJson(value));
}
