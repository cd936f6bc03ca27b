"""AES-256 in counter mode (FIPS 197, SP 800-38A), because the standard library has none."""


def doubled(byte):
    return (byte << 1) ^ (0x11B if byte & 0x80 else 0)


def product(a, b):
    found = 0
    while b:
        if b & 1:
            found ^= a
        a, b = doubled(a), b >> 1
    return found


def s_box():
    """Each byte's inverse in GF(2^8), under the affine map of FIPS 197."""
    table = [0x63] * 256
    for byte in range(1, 256):
        inverse = next(other for other in range(1, 256) if product(byte, other) == 1)
        found = 0x63
        for turn in range(5):
            found ^= (inverse << turn | inverse >> (8 - turn)) & 0xFF
        table[byte] = found
    return bytes(table)


S_BOX = s_box()
DOUBLES = bytes(doubled(byte) for byte in range(256))


def round_keys(key):
    """Fifteen keys of 16 bytes (FIPS 197)."""
    words = [key[at : at + 4] for at in range(0, 32, 4)]
    constant = 1
    for index in range(8, 60):
        word = words[-1]
        if index % 8 == 0:
            word = word[1:] + word[:1]
        if index % 4 == 0:
            word = word.translate(S_BOX)
        if index % 8 == 0:
            word = bytes([word[0] ^ constant]) + word[1:]
            constant = doubled(constant)
        words.append(xor(words[-8], word))
    return [b"".join(words[at : at + 4]) for at in range(0, 60, 4)]


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


SHIFTED = [((column + row) % 4) * 4 + row for column in range(4) for row in range(4)]


def mixed(column):
    a, b, c, d = column
    every = a ^ b ^ c ^ d
    pairs = ((a, b), (b, c), (c, d), (d, a))
    return bytes(one ^ every ^ DOUBLES[one ^ other] for one, other in pairs)


def encrypt_block(keys, block):
    state = xor(block, keys[0])
    for number, key in enumerate(keys[1:], 1):
        state = state.translate(S_BOX)
        state = bytes(state[at] for at in SHIFTED)
        if number < 14:
            state = b"".join(mixed(state[at : at + 4]) for at in range(0, 16, 4))
        state = xor(state, key)
    return state


def counter_mode(key, counter, data):
    """Encrypts or decrypts; the counter block counts as one number of 128 bits."""
    keys, first = round_keys(key), int.from_bytes(counter, "big")
    blocks = []
    for at in range(0, len(data), 16):
        block = (first + at // 16) % (1 << 128)
        blocks.append(xor(encrypt_block(keys, block.to_bytes(16, "big")), data[at : at + 16]))
    return b"".join(blocks)
