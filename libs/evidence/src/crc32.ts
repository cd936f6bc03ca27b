/** One entry for each value of a byte: the remainder of its division by the polynomial, reflected (ISO-HDLC, as ZIP uses it). */
const remainders = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit += 1)
    remainder = (remainder & 1) === 0 ? remainder >>> 1 : (remainder >>> 1) ^ 0xedb88320;
  return remainder;
});

/** The CRC-32 of a ZIP (APPNOTE 6.3.9 §4.4.7), from 0 to 2^32−1. Node 20 may have none of its own. */
export function crc32(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes)
    remainder = (remainder >>> 8) ^ (remainders[(remainder ^ byte) & 0xff] ?? 0);
  return (remainder ^ 0xffffffff) >>> 0;
}
