/**
 * Returns the code points a font maps to a glyph: its `cmap` table's Unicode subtable of format 12,
 * else of format 4 (OpenType 1.9, `cmap`).
 *
 * @param sfnt a TrueType or OpenType file
 * @throws RangeError when it has no such table
 */
export function charactersOf(sfnt: Buffer): ReadonlySet<number> {
  const cmap = tableNamed(sfnt, 'cmap');
  const found = new Set<number>();
  const subtables = Array.from({ length: cmap.readUInt16BE(2) }, (_, at) =>
    cmap.subarray(cmap.readUInt32BE(4 + 8 * at + 4)),
  );
  const full = subtables.find((subtable) => subtable.readUInt16BE(0) === 12);
  const basic = subtables.find((subtable) => subtable.readUInt16BE(0) === 4);
  if (full !== undefined) addGroups(full, found);
  else if (basic !== undefined) addSegments(basic, found);
  else throw new RangeError('its characters are mapped in no form that is known');
  return found;
}

function tableNamed(sfnt: Buffer, name: string): Buffer {
  for (let at = 12; at < 12 + 16 * sfnt.readUInt16BE(4); at += 16) {
    if (sfnt.toString('latin1', at, at + 4) !== name) continue;
    const offset = sfnt.readUInt32BE(at + 8);
    return sfnt.subarray(offset, offset + sfnt.readUInt32BE(at + 12));
  }
  throw new RangeError(`it has no table "${name}"`);
}

/** Format 12: from, to, glyph of the first. */
function addGroups(subtable: Buffer, found: Set<number>): void {
  for (let group = 0; group < subtable.readUInt32BE(12); group += 1) {
    const at = 16 + 12 * group;
    const from = subtable.readUInt32BE(at);
    const glyph = subtable.readUInt32BE(at + 8);
    for (let code = from; code <= subtable.readUInt32BE(at + 4); code += 1) {
      if (glyph + code - from !== 0) found.add(code);
    }
  }
}

/** Format 4: the ends, starts, deltas and offsets of segments, an array each. */
function addSegments(subtable: Buffer, found: Set<number>): void {
  const doubled = subtable.readUInt16BE(6);
  for (let at = 0; at < doubled; at += 2) {
    const end = subtable.readUInt16BE(14 + at);
    const start = subtable.readUInt16BE(16 + doubled + at);
    const delta = subtable.readUInt16BE(16 + 2 * doubled + at);
    const place = 16 + 3 * doubled + at;
    const offset = subtable.readUInt16BE(place);
    for (let code = start; code <= end && code < 0xffff; code += 1) {
      const glyph =
        offset === 0 ? code : subtable.readUInt16BE(place + offset + 2 * (code - start));
      if (glyph !== 0 && ((glyph + delta) & 0xffff) !== 0) found.add(code);
    }
  }
}
