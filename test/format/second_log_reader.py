#!/usr/bin/env python3
"""Reads the vectors of the Merkle log from docs/spec/checkpoint.md and docs/spec/receipt.md alone.

It uses only Python's standard library and shares no code with the ledger. It verifies Ed25519
itself, because the standard library cannot. As a module it offers check_inclusion,
check_consistency, check_head, check_absence, open_checkpoint and check_receipt, which raise
Refused. As a program it prints each failed check and a count; the exit code is 1 if a check failed.
"""

import base64
import binascii
import datetime
import functools
import hashlib
import json
import pathlib
import re
import sys

import second_reader as event_format

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors" / "merkle"
MAX_INTEGER = 2**53 - 1
ZEROS = bytes(32)


class Refused(Exception):
    """A proof that does not hold; `problem` is the name of the step that failed."""

    def __init__(self, problem, why=""):
        super().__init__(f"{problem}: {why}")
        self.problem = problem


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


EMPTY = sha256()


def is_count(value):
    return type(value) is int and 0 <= value <= MAX_INTEGER


def hash_of(text, problem):
    if not isinstance(text, str) or not re.fullmatch("[0-9a-f]{64}", text):
        raise Refused(problem, "not a hash")
    return bytes.fromhex(text)


def hashes_of(texts, problem):
    if not isinstance(texts, list):
        raise Refused(problem, "not a list")
    return [hash_of(text, problem) for text in texts]


# Ed25519, RFC 8032 §5.1: points of the curve in extended coordinates (X, Y, Z, T),
# x = X/Z, y = Y/Z, xy = T/Z.

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(one, other):
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def encode(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decode(text):
    """The point of these 32 bytes, or None where they are none (RFC 8032 §5.1.3)."""
    number = int.from_bytes(text, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


BASE = decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


@functools.lru_cache(maxsize=1000)
def ed25519_verifies(public_key, message, signature):
    """RFC 8032 §5.1.7, the equation without the cofactor, R compared as bytes."""
    point = decode(public_key)
    if len(signature) != 64 or point is None:
        return False
    scalar = int.from_bytes(signature[32:], "little")
    if scalar >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    negative = (P - point[0], point[1], point[2], P - point[3])
    challenge = int.from_bytes(digest, "little") % ORDER
    return encode(add(multiply(scalar, BASE), multiply(challenge, negative))) == signature[:32]


# Trees and proofs, docs/spec/checkpoint.md.


def node_hash(left, right):
    return sha256(b"\1", left, right)


def tree_root(leaves):
    """RFC 6962 §2.1, level by level: a node without a sibling moves up as it is."""
    row = leaves
    if not row:
        return EMPTY
    while len(row) > 1:
        pairs = [node_hash(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]
        row = pairs + row[len(row) & ~1 :]
    return row[0]


def check_inclusion(leaf_hash, index, size, proof, root):
    problem = "inclusion_form"
    if not is_count(index) or not is_count(size) or index >= size:
        raise Refused(problem, "no such leaf")
    found, root = hash_of(leaf_hash, problem), hash_of(root, problem)
    node, last = index, size - 1
    for sibling in hashes_of(proof, problem):
        if last == 0:
            raise Refused(problem, "too many hashes")
        if node % 2 or node == last:
            found = node_hash(sibling, found)
            while node and node % 2 == 0:
                node, last = node // 2, last // 2
        else:
            found = node_hash(found, sibling)
        node, last = node // 2, last // 2
    if last:
        raise Refused(problem, "too few hashes")
    if found != root:
        raise Refused("inclusion_root")


def check_consistency(first, first_root, second, second_root, proof):
    problem = "consistency_form"
    if not is_count(first) or not is_count(second) or first > second:
        raise Refused(problem, "no such trees")
    first_root, second_root = hash_of(first_root, problem), hash_of(second_root, problem)
    proof = hashes_of(proof, problem)
    if first in (0, second):
        if proof:
            raise Refused(problem, "too many hashes")
        if first == 0 and first_root != EMPTY or first == second and first_root != second_root:
            raise Refused("consistency_root")
        return
    node, last = first - 1, second - 1
    while node % 2:
        node, last = node // 2, last // 2
    if node == 0:
        proof = [first_root] + proof
    if not proof:
        raise Refused(problem, "too few hashes")
    old = new = proof[0]
    for sibling in proof[1:]:
        if last == 0:
            raise Refused(problem, "too many hashes")
        if node % 2 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while node and node % 2 == 0:
                node, last = node // 2, last // 2
        else:
            new = node_hash(new, sibling)
        node, last = node // 2, last // 2
    if last:
        raise Refused(problem, "too few hashes")
    if old != first_root or new != second_root:
        raise Refused("consistency_root")


# Stream heads, docs/spec/checkpoint.md.


def head_hash(head, problem):
    if not is_count(head["revision"]):
        raise Refused(problem, "no revision")
    return sha256(b"\2", head["revision"].to_bytes(8, "big"), hash_of(head["leafHash"], problem))


def entry_hash(key, head):
    return sha256(b"\3", key, head)


def bit(key, depth):
    return key[depth // 8] >> (7 - depth % 8) & 1


def map_root(entries, depth=0):
    """Over a dictionary of keys to head hashes."""
    if len(entries) < 2:
        return next((entry_hash(key, head) for key, head in entries.items()), ZEROS)
    halves = [
        {key: head for key, head in entries.items() if bit(key, depth) == side} for side in (0, 1)
    ]
    return sha256(b"\4", map_root(halves[0], depth + 1), map_root(halves[1], depth + 1))


def climb(key, end, siblings, root, problem):
    root, siblings = hash_of(root, problem), hashes_of(siblings, problem)
    if len(siblings) > 256 or siblings and siblings[0] == ZEROS:
        raise Refused(problem, "no such path")
    for depth, sibling in zip(range(len(siblings) - 1, -1, -1), siblings):
        end = sha256(b"\4", sibling, end) if bit(key, depth) else sha256(b"\4", end, sibling)
    return end == root


def check_head(stream, head, proof, root):
    key = sha256(stream.encode())
    if not climb(
        key, entry_hash(key, head_hash(head, "head_form")), proof["siblings"], root, "head_form"
    ):
        raise Refused("head_root")


def check_absence(stream, proof, root):
    problem = "absence_form"
    key, end = sha256(stream.encode()), ZEROS
    if "other" in proof:
        other = hash_of(proof["other"]["key"], problem)
        if other == key or any(
            bit(other, depth) != bit(key, depth) for depth in range(len(proof["siblings"]))
        ):
            raise Refused(problem, "the other stream is the stream itself, or stands elsewhere")
        end = entry_hash(other, hash_of(proof["other"]["head"], problem))
    if not climb(key, end, proof["siblings"], root, problem):
        raise Refused("absence_root")


# Notes and checkpoints, docs/spec/checkpoint.md.


def from_base64(text):
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return found if base64.b64encode(found).decode() == text else None


def decode_text(given, problem, most=131_072):
    try:
        text = given.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(problem, "not UTF-8") from error
    if len(given) > most or any(character < " " and character != "\n" for character in text):
        raise Refused(problem, "too long, or a control character")
    return text


def is_key_name(name):
    return bool(name) and not any(
        c.isspace() or c == "+" or c < " " or "\x7f" <= c <= "\x9f" for c in name
    )


def parse_verifier_key(text):
    name, key_id, key = text.split("+", 2)
    raw = from_base64(key)
    expected = sha256(name.encode(), b"\n", raw or b"")[:4].hex()
    if not is_key_name(name) or raw is None or len(raw) != 33 or raw[0] != 1 or key_id != expected:
        raise Refused("verifier_key")
    return name, key_id, raw[1:]


def open_note(given, keys):
    """The text, and the names of the known keys that signed it."""
    note = decode_text(given, "note")
    text, blank, signatures = note.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise Refused("note", "no blank line, or no end of a line")
    text += "\n"
    lines = []
    for line in signatures[:-1].split("\n"):
        parts = line.split(" ")
        signed = from_base64(parts[2]) if len(parts) == 3 else None
        if signed is None or parts[0] != "\u2014" or not is_key_name(parts[1]) or len(signed) < 5:
            raise Refused("note", "a line that is not a signature")
        lines.append((parts[1], signed[:4].hex(), signed[4:]))
    known = {
        (name, key_id): public_key for name, key_id, public_key in map(parse_verifier_key, keys)
    }
    signed_by = []
    for name, key_id, signature in lines:
        if (name, key_id) not in known:
            continue
        if (name, key_id) in signed_by:
            raise Refused("note", "two signatures of one key")
        if not ed25519_verifies(known[name, key_id], text.encode(), signature):
            raise Refused("signature", name)
        signed_by.append((name, key_id))
    if not signed_by:
        raise Refused("unsigned")
    return text, [name for name, _ in signed_by]


COUNT = "(0|[1-9][0-9]{0,15})"
HASH = "([A-Za-z0-9+/]{43}=)"
CHECKPOINT = re.compile(
    rf"([^\n]+)\n{COUNT}\n{HASH}\nstream-heads {COUNT} {HASH}\nsigned-at ([^\n]+)\n"
)


def is_instant(text):
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z", text):
        return False
    try:
        datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    except ValueError:
        return False
    return "1992-01-01T00:00:00.000Z" <= text <= "9000-12-31T00:00:00.000Z" and text[17:19] < "60"


def parse_checkpoint(text):
    match = CHECKPOINT.fullmatch(text)
    if match is None:
        raise Refused("checkpoint", "not its five lines")
    origin, size, root, streams, heads, signed_at = match.groups()
    size, streams, root, heads = int(size), int(streams), from_base64(root), from_base64(heads)
    good = (
        root is not None
        and heads is not None
        and re.fullmatch("[!-*,-~]{1,100}", origin)
        and max(size, streams) <= MAX_INTEGER
        and streams <= size
        and (size == 0) == (root == EMPTY) == (streams == 0) == (heads == ZEROS)
        and is_instant(signed_at)
    )
    if not good:
        raise Refused("checkpoint", "what it says cannot be")
    return {
        "origin": origin,
        "size": size,
        "root": root.hex(),
        "streamHeads": {"count": streams, "root": heads.hex()},
        "signedAt": signed_at,
    }


class KnownKeys(list):
    """Verifier keys, and the largest tree of those that another one followed, by name+id."""

    def __init__(self, keys, until=()):
        super().__init__(keys)
        self.until = dict(until)


def open_checkpoint(given, keys):
    text, signed_by = open_note(given, keys)
    checkpoint = parse_checkpoint(text)
    if checkpoint["origin"] not in signed_by:
        raise Refused("origin")
    check_current(fingerprints(given, keys), keys, checkpoint)
    return checkpoint, signed_by


def fingerprints(note, keys):
    """The keys of a note that open_note has verified, as name+id."""
    text = note if isinstance(note, str) else note.decode()
    lines = [line.split(" ") for line in text.rpartition("\n\n")[2].splitlines()]
    signed = {(name, from_base64(text)[:4].hex()) for _, name, text in lines}
    known = [(name, key_id) for name, key_id, _ in map(parse_verifier_key, keys)]
    return [f"{name}+{key_id}" for name, key_id in known if (name, key_id) in signed]


def check_current(signed_by, keys, checkpoint):
    """Refuses what only keys signed that another had followed within the tree."""
    size, until = checkpoint["size"], getattr(keys, "until", {})
    own = [key for key in signed_by if key.rpartition("+")[0] == checkpoint["origin"]]
    if all(size > until.get(key, size) for key in own):
        raise Refused("succeeded")


# Receipts, docs/spec/receipt.md.

def parse_receipt(given):
    text = decode_text(given, "receipt", 1_310_720)
    proof, blank, note = text.partition("\n\n")
    lines = proof.split("\n")
    if not blank or len(lines) < 3 or lines[0] != "c2sp.org/tlog-proof@v1":
        raise Refused("receipt", "no header, or no blank line")
    body = from_base64(lines[1][6:]) if lines[1].startswith("extra ") else None
    index = re.fullmatch(f"index {COUNT}", lines[2])
    if not body or index is None or int(index[1]) > MAX_INTEGER:
        raise Refused("receipt", "no event, or no index")
    hashes = [from_base64(line) for line in lines[3:]]
    if any(found is None or len(found) != 32 for found in hashes):
        raise Refused("receipt", "a line that is not a hash")
    return body, int(index[1]), [found.hex() for found in hashes], note.encode()


def read_event(body):
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("event", "not UTF-8") from error
    if not event_format.is_canonical(text):
        raise Refused("event", "not canonical JSON")
    event = event_format.parse(text)
    if not event_format.is_envelope(event):
        raise Refused("event", "not an envelope of format 1")
    return event


def check_receipt(given, keys):
    body, index, proof, note = parse_receipt(given)
    checkpoint, _ = open_checkpoint(note, keys)
    leaf_hash = sha256(b"\0", body).hex()
    check_inclusion(leaf_hash, index, checkpoint["size"], proof, checkpoint["root"])
    event = read_event(body)
    named = {member: event[member] for member in ("stream", "revision", "id")}
    return {**named, "leafHash": leaf_hash}, index, checkpoint


def rotation_from(key, given):
    """The key that follows another, and the event's index (receipt.md, "Rotations"), or None."""
    body, index, proof, note = parse_receipt(given)
    checkpoint, _ = open_checkpoint(note, [key])
    check_inclusion(
        sha256(b"\0", body).hex(), index, checkpoint["size"], proof, checkpoint["root"]
    )
    event = read_event(body)
    if (event["stream"], event["type"]) != ("ledger", "SigningKeyRotated"):
        return None
    previous, following = event["data"].get("previous"), event["data"].get("verifierKey")
    if previous != key or not isinstance(following, str) or following == key:
        return None
    if parse_verifier_key(following)[0] != checkpoint["origin"]:
        return None
    # Only the key before may say which one follows, and the one that follows signs too.
    if len(fingerprints(note, [key, following])) != 2:
        return None
    open_note(note, [key, following])
    return index, following


def followed_keys(keys, receipts):
    known = KnownKeys(keys)
    for key in known:  # it grows meanwhile
        rotations = []
        for receipt in receipts:
            try:
                rotation = rotation_from(key, receipt)
            except (Refused, ValueError):
                continue
            if rotation is not None:
                rotations.append(rotation)
        if rotations:
            index, following = min(rotations, key=lambda rotation: rotation[0])
            name, key_id, _ = parse_verifier_key(key)
            known.until[f"{name}+{key_id}"] = index
            if following not in known:
                known.append(following)
    return known


# The vectors.


def vectors(name):
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def problem_of(check, *given):
    try:
        check(*given)
    except Refused as refused:
        return refused.problem
    return None


def tree_checks():
    tree = vectors("tree.json")
    leaves = [sha256(b"\0", str(index).encode()) for index in range(tree["roots"][-1]["size"])]
    for known in tree["roots"]:
        yield f"root at {known['size']}", known["root"], tree_root(leaves[: known["size"]]).hex()
    for tile in tree["tiles"]:
        span = 256 ** tile["level"]
        first = tile["index"] * 256
        row = [
            tree_root(leaves[at * span : (at + 1) * span])
            for at in range(first, first + tile["width"])
        ]
        yield f"tile {tile['level']}/{tile['index']}", tile["sha256"], sha256(*row).hex()
    for one in tree["inclusion"]:
        given = (one[member] for member in ("leafHash", "index", "size", "proof", "root"))
        yield f"inclusion: {one['name']}", one["problem"], problem_of(check_inclusion, *given)
    for one in tree["consistency"]:
        given = (one[member] for member in ("from", "fromRoot", "to", "toRoot", "proof"))
        yield f"consistency: {one['name']}", one["problem"], problem_of(check_consistency, *given)


def head_checks():
    heads = vectors("stream-heads.json")
    for known in heads["maps"]:
        entries = {
            sha256(head["stream"].encode()): head_hash(head, "head_form") for head in known["heads"]
        }
        yield f"map of {len(entries)}", known["root"], map_root(entries).hex()
    for one in heads["present"]:
        found = problem_of(check_head, one["stream"], one["head"], one["proof"], one["root"])
        yield f"head: {one['name']}", one["problem"], found
    for one in heads["absent"]:
        found = problem_of(check_absence, one["stream"], one["proof"], one["root"])
        yield f"absence: {one['name']}", one["problem"], found


def checkpoint_checks():
    known = vectors("checkpoints.json")
    for one in known["files"]:
        given = (VECTORS / one["file"]).read_bytes()
        yield one["file"], one["problem"], problem_of(open_checkpoint, given, known["keys"])
        if one["problem"] is None:
            expected = (one["checkpoint"], one["signedBy"])
            yield f"{one['file']}: what it says", expected, open_checkpoint(given, known["keys"])
    example, earlier = (one["checkpoint"] for one in known["files"][:2])
    leaves = [bytes.fromhex(leaf["leafHash"]) for leaf in known["ledger"]]
    yield "the root of the ledger", example["root"], tree_root(leaves).hex()
    given = (
        earlier["size"],
        earlier["root"],
        example["size"],
        example["root"],
        known["consistency"],
    )
    yield "its two checkpoints", None, problem_of(check_consistency, *given)
    counts, last = {}, {}
    for leaf in known["ledger"]:
        revision = counts.get(leaf["stream"], 0)
        counts[leaf["stream"]] = revision + 1
        last[sha256(leaf["stream"].encode())] = head_hash(
            {**leaf, "revision": revision}, "head_form"
        )
    yield (
        "the stream heads of the ledger",
        example["streamHeads"],
        {"count": len(last), "root": map_root(last).hex()},
    )


def receipt_checks():
    known = vectors("receipts.json")
    for one in known["files"]:
        given = (VECTORS / one["file"]).read_bytes()
        yield (
            one["file"],
            one["problem"],
            problem_of(check_receipt, given, known["keys"]),
        )
        if one["problem"] is None:
            event, index, checkpoint = check_receipt(given, known["keys"])
            expected = (one["event"], one["index"], one["size"])
            yield f"{one['file']}: what it says", expected, (event, index, checkpoint["size"])


def main():
    done = failed = 0
    for checks in (tree_checks, head_checks, checkpoint_checks, receipt_checks):
        for what, expected, found in checks():
            done += 1
            if expected != found:
                failed += 1
                print(f"{what}: expected {expected!r}, found {found!r}")
    print(f"{done} checks, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main())
