/**
 * A colour profile of sRGB (IEC 61966-2-1) in the form of ICC.1:2010, version 4.3: three primaries
 * adapted to D50, one curve. A PDF/A names its colours by one.
 */
export const colourProfile: Uint8Array = profile();

function profile(): Buffer {
  const curve = Buffer.concat([
    Buffer.from('para\0\0\0\0\0\x03\0\0', 'latin1'),
    ...[2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045].map(fixed),
  ]);
  const tags: readonly (readonly [name: string, content: Buffer])[] = [
    ['desc', localised('sRGB')],
    ['cprt', localised('No copyright, use freely')],
    ['wtpt', xyz(0.9642, 1, 0.8249)],
    ['rXYZ', xyz(0.43607, 0.22249, 0.01392)],
    ['gXYZ', xyz(0.38515, 0.71687, 0.09708)],
    ['bXYZ', xyz(0.14307, 0.06061, 0.7141)],
    ['rTRC', curve],
    ['gTRC', curve],
    ['bTRC', curve],
    ['chad', adaptation()],
  ];
  const table = Buffer.alloc(4 + 12 * tags.length);
  table.writeUInt32BE(tags.length);
  let offset = 128 + table.length;
  for (const [at, [name, content]] of tags.entries()) {
    table.write(name, 4 + 12 * at, 'latin1');
    table.writeUInt32BE(offset, 8 + 12 * at);
    table.writeUInt32BE(content.length, 12 + 12 * at);
    offset += content.length;
  }
  return Buffer.concat([header(offset), table, ...tags.map(([, content]) => content)]);
}

/** The header: a display's profile from RGB to XYZ, perceptual, under D50. */
function header(size: number): Buffer {
  const found = Buffer.alloc(128);
  found.writeUInt32BE(size);
  found.writeUInt32BE(0x0430_0000, 8);
  found.write('mntrRGB XYZ ', 12, 'latin1');
  // 1 January 2019, the era of the rules.
  for (const [at, value] of [2019, 1, 1].entries()) found.writeUInt16BE(value, 24 + 2 * at);
  found.write('acsp', 36, 'latin1');
  xyz(0.9642, 1, 0.8249).copy(found, 68, 8);
  return found;
}

/** Numbers with sixteen bits after the point. */
function fixed(value: number): Buffer {
  const found = Buffer.alloc(4);
  found.writeInt32BE(Math.round(value * 0x1_0000));
  return found;
}

function xyz(...values: readonly number[]): Buffer {
  return Buffer.concat([Buffer.from('XYZ \0\0\0\0', 'latin1'), ...values.map(fixed)]);
}

/** From D65 to D50, by Bradford. */
function adaptation(): Buffer {
  const rows = [1.04788, 0.02292, -0.0502, 0.02959, 0.99048, -0.01706, -0.00923, 0.01508, 0.75168];
  return Buffer.concat([Buffer.from('sf32\0\0\0\0', 'latin1'), ...rows.map(fixed)]);
}

/** A text in English; its length is filled up to four bytes. */
function localised(text: string): Buffer {
  const found = Buffer.alloc(28 + 2 * text.length + ((2 * text.length) % 4));
  found.write('mluc', 0, 'latin1');
  found.writeUInt32BE(1, 8);
  found.writeUInt32BE(12, 12);
  found.write('enUS', 16, 'latin1');
  found.writeUInt32BE(2 * text.length, 20);
  found.writeUInt32BE(28, 24);
  Buffer.from(text, 'utf16le').swap16().copy(found, 28);
  return found;
}
