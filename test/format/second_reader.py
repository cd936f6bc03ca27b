#!/usr/bin/env python3
"""Reads the vectors of event format 1 from docs/spec/event.md alone.

It uses only Python's standard library and shares no code with the ledger. It checks everything but
decryption, because the standard library has no AES. With the argument "-" it verifies the streams
on standard input instead, [{"ledgerId", "stream", "records"}, ...]. It prints each failed check and
a count; the exit code is 1 if a check failed.
"""

import base64
import datetime
import functools
import hashlib
import hmac
import json
import math
import pathlib
import re
import sys
import uuid

import aes

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors" / "event"
NAMESPACE = uuid.UUID("7b0d5f0c-9a0e-4c62-a5f2-d1b6e8c34f19")
MAX_INTEGER = 2**53 - 1


class Refused(Exception):
    """A value or a text that format 1 has no place for."""


# Bytes: a parser that refuses what canonical JSON cannot say, and a writer.


def number(text):
    value = float(text)
    if not math.isfinite(value) or value != math.floor(value) or abs(value) > MAX_INTEGER:
        raise Refused(f"{text} is not an integer of format 1")
    return int(value)


def members(pairs):
    if len({key for key, _ in pairs}) < len(pairs):
        raise Refused("a key twice")
    return dict(pairs)


def constant(name):
    raise Refused(f"{name} is not JSON")


def parse(text):
    try:
        return json.loads(
            text,
            object_pairs_hook=members,
            parse_int=number,
            parse_float=number,
            parse_constant=constant,
        )
    except (ValueError, RecursionError) as error:
        raise Refused(f"not JSON: {error}") from error


SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def write_text(text):
    if any(0xD800 <= ord(character) <= 0xDFFF for character in text):
        raise Refused("a lone surrogate")
    return '"' + "".join(SHORT.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in text) + '"'


def write_key(key):
    if re.fullmatch(r"0|[1-9][0-9]*", key):
        raise Refused(f"the key {key}")
    return write_text(key)


def canonical(value):
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise Refused(f"{value} is not an integer of format 1")
        return str(value)
    if isinstance(value, str):
        return write_text(value)
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
    return "{" + ",".join(f"{write_key(key)}:{canonical(value[key])}" for key in keys) + "}"


@functools.lru_cache(maxsize=1000)
def is_canonical(text):
    try:
        return canonical(parse(text)) == text
    except Refused:
        return False


# Hashes and ids.


def leaf_hash(text):
    return hashlib.sha256(b"\0" + text.encode()).hexdigest()


def event_id(ledger_id, stream, command, command_id, index):
    return str(uuid.uuid5(NAMESPACE, f"{ledger_id}/{stream}/{command}/{command_id}#{index}"))


def derived_key(key, use):
    return hmac.new(bytes.fromhex(key), f"penalty-ledger/v1/{use}".encode(), "sha256").digest()


def legal_person(legal_person_id, key):
    digest = hmac.new(derived_key(key, "legal-person"), legal_person_id.encode(), "sha256").digest()
    return "hmac-sha256:" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def fingerprint(command, data, key):
    text = canonical({"command": command, "data": data}).encode()
    if key is None:
        return hashlib.sha256(text).hexdigest()
    return hmac.new(derived_key(key, "fingerprint"), text, "sha256").hexdigest()


def text_key(key, event, text):
    message = f"{event}\0{text}".encode()
    return hmac.new(derived_key(key, "texts"), message, "sha256").hexdigest()


def commitment(key, subject, event, text, value):
    return hashlib.sha256("\0".join((key, subject, event, text, value)).encode()).digest()


def cipher_key(key):
    return hashlib.sha256(f"{key}\0cipher".encode()).digest()


def seal_text(value, subject, event, text, key):
    committed = commitment(key, subject, event, text, value)
    box = committed + aes.counter_mode(cipher_key(key), committed[:16], value.encode())
    return {"box": base64.b64encode(box).decode(), "subject": subject, "text": text}


def open_text(sealed, event, key):
    """The text that a key opens, or None."""
    box = base64.b64decode(sealed["box"])
    try:
        value = aes.counter_mode(cipher_key(key), box[:16], box[32:]).decode()
    except UnicodeDecodeError:
        return None
    committed = commitment(key, sealed["subject"], event, sealed["text"], value)
    return value if committed == box[:32] else None


def seal(plaintext, subject, event, key):
    """Every text of personal data, sealed, in order of their pointers."""
    texts = {}
    for name, value in plaintext.items():
        members = (
            enumerate(value)
            if isinstance(value, list)
            else value.items() if isinstance(value, dict) else None
        )
        if members is None:
            texts[f"/{name}"] = value
        else:
            texts.update({f"/{name}/{member}": text for member, text in members})
    return [
        seal_text(value, subject, event, text, text_key(key, event, text))
        for text, value in sorted(texts.items())
    ]


# The envelope.


def is_instant(value):
    if not isinstance(value, str):
        return False
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z", value):
        return False
    try:
        datetime.datetime.strptime(value[:19], "%Y-%m-%dT%H:%M:%S")
    except ValueError:
        return False
    return "1992-01-01T00:00:00.000Z" <= value <= "9000-12-31T00:00:00.000Z" and value[17:19] < "60"


def matches(pattern):
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def integer_from(least):
    return lambda value: type(value) is int and value >= least


def base64_of(fits):
    def check(value):
        if not isinstance(value, str):
            return False
        try:
            decoded = base64.b64decode(value, validate=True)
        except ValueError:
            return False
        return base64.b64encode(decoded).decode() == value and fits(len(decoded))

    return check


def obj(required, optional=None):
    optional = optional or {}

    def check(value):
        if not isinstance(value, dict) or not set(required) <= set(value):
            return False
        known = {**required, **optional}
        return all(name in known and known[name](member) for name, member in value.items())

    return check


ID = matches(r"[A-Za-z0-9._:-]{1,64}")
HASH = matches(r"[0-9a-f]{64}")
NAME = matches(r"[A-Z][A-Za-z0-9]{0,63}")

is_sealed_text = obj(
    {
        "box": base64_of(lambda length: length >= 32),
        "subject": matches(r"[A-Za-z0-9._:-]{1,80}"),
        "text": matches(r"/[A-Za-z]{1,32}(/(0|[1-9][0-9]{0,2}|[A-Za-z]{1,32}))?"),
    }
)


def is_sealed_texts(value):
    if not isinstance(value, list) or not value or not all(map(is_sealed_text, value)):
        return False
    texts = [sealed["text"] for sealed in value]
    return texts == sorted(set(texts))


is_envelope = obj(
    {
        "actor": lambda value: ID(value) or value == "ledger/clock",
        "causation": obj(
            {
                "command": NAME,
                "commandId": matches(r"[A-Za-z0-9._:@/-]{1,200}"),
                "fingerprint": HASH,
            }
        ),
        "data": lambda value: isinstance(value, dict),
        "format": lambda value: type(value) is int and value == 1,
        "id": matches(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
        "previous": HASH,
        "recordedAt": is_instant,
        "revision": integer_from(0),
        "schemaVersion": integer_from(1),
        "stream": matches(r"[A-Za-z0-9._:-]{1,80}"),
        "type": NAME,
    },
    {
        "decidedAt": is_instant,
        "effectiveAt": is_instant,
        "notifiedAt": is_instant,
        "occurredAt": is_instant,
        "personal": is_sealed_texts,
        "rulebook": obj({"id": ID, "rulebookVersion": ID, "sha256": HASH}),
    },
)


# Verification, step by step; gives (place, problem) of the first failure, or None.


def verify(ledger_id, stream, records):
    before = None
    for at, record in enumerate(records):
        body = record["body"]
        if leaf_hash(body) != record["leafHash"]:
            return at, "leaf_hash"
        if not is_canonical(body):
            return at, "bytes"
        event = parse(body)
        if not is_envelope(event):
            return at, "envelope"
        if event["stream"] != stream:
            return at, "stream"
        if event["revision"] != at:
            return at, "revision"
        if event["previous"] != (before["leafHash"] if before else "0" * 64):
            return at, "previous"
        if before and event["recordedAt"] < before["event"]["recordedAt"]:
            return at, "recordedAt"
        command = (event["causation"]["command"], event["causation"]["commandId"])
        index = 0
        if before and before["command"] == command:
            index = before["index"] + 1
            same = ("actor", "recordedAt", "causation")
            if any(event[name] != before["event"][name] for name in same):
                return at, "id"
        if event["id"] != event_id(ledger_id, stream, *command, index):
            return at, "id"
        before = {
            "leafHash": record["leafHash"],
            "event": event,
            "command": command,
            "index": index,
        }
    return None


# The vectors.


def read_vectors(name):
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def write_or_refuse(text):
    try:
        return canonical(parse(text))
    except Refused:
        return None


def checks():
    """Every check as (what, expected, found)."""
    vectors = read_vectors("canonical-json.json")
    for vector in vectors["write"]:
        yield f"write: {vector['name']}", vector.get("canonical"), write_or_refuse(vector["json"])
    for vector in vectors["read"]:
        yield f"read: {vector['name']}", vector["canonical"], is_canonical(vector["text"])
    for vector in read_vectors("instant.json")["instants"]:
        yield f"instant: {vector['text']}", vector["valid"], is_instant(vector["text"])
    for vector in read_vectors("leaf-hash.json")["leaves"]:
        yield f"leaf: {vector['text'][:20]}", vector["leafHash"], leaf_hash(vector["text"])
    for vector in read_vectors("event-id.json")["ids"]:
        parts = (vector[part] for part in ("ledgerId", "stream", "command", "commandId", "index"))
        yield f"id: {vector['commandId']}", vector["id"], event_id(*parts)
    for vector in read_vectors("derived-keys.json")["keys"]:
        for use in ("texts", "fingerprint"):
            yield f"key: {use}", vector[use], derived_key(vector["key"], use).hex()
    for vector in read_vectors("legal-person.json")["persons"]:
        found = legal_person(vector["legalPersonId"], vector["key"])
        yield f"legal person: {vector['legalPersonId']}", vector["legalPerson"], found
    for vector in read_vectors("fingerprint.json")["fingerprints"]:
        found = fingerprint(vector["command"], vector["data"], vector["key"])
        yield f"fingerprint: {vector['name']}", vector["fingerprint"], found
    personal = read_vectors("personal-data.json")
    for vector in personal["sealed"]:
        subject, event, key = (vector[part] for part in ("subject", "eventId", "key"))
        found = seal(vector["plaintext"], subject, event, key)
        yield f"sealed: {vector['name']}", vector["personal"], found
        keys = {text["text"]: text_key(key, event, text["text"]) for text in found}
        yield f"text keys: {vector['name']}", vector["textKeys"], keys
    for vector in personal["refused"]:
        found = open_text(vector["sealed"], vector["eventId"], vector["textKey"])
        yield f"not opened: {vector['name']}", None, found
    for vector in read_vectors("rulebook-hash.json")["rulebooks"]:
        found = hashlib.sha256(canonical(vector["document"]).encode()).hexdigest()
        yield f"rulebook: {vector['document']['id']}", vector["sha256"], found
    for vector in read_vectors("calendar-hash.json")["calendars"]:
        found = hashlib.sha256(canonical(vector["document"]).encode()).hexdigest()
        yield f"calendar: {vector['document']['id']}", vector["sha256"], found
    for name in ("example.json", "stream.json"):
        yield from stream_checks(name, read_vectors(name))
    broken = read_vectors("broken-streams.json")
    complete = read_vectors("stream.json")["records"]
    for variant in broken["variants"]:
        expected = None if variant["problem"] is None else (variant["at"], variant["problem"])
        records = complete[: variant["keep"]] + variant["then"]
        found = verify(broken["ledgerId"], broken["stream"], records)
        yield f"broken: {variant['name']}", expected, found
    yield from opening_checks(read_vectors("opening.json"))


def opening_checks(vector):
    for stream in vector["streams"]:
        found = verify(vector["ledgerId"], stream["stream"], stream["records"])
        yield f"opening: {stream['stream']}", None, found
    events = [parse(record["body"]) for stream in vector["streams"] for record in stream["records"]]
    settings = events[0]["data"]
    yield "opening: ledgerId", vector["ledgerId"], settings["ledgerId"]
    for event in events:
        causation = {
            "command": "OpenLedger",
            "commandId": f"ledger/{vector['ledgerId']}",
            "fingerprint": fingerprint("OpenLedger", settings, None),
        }
        yield f"opening: causation of {event['type']}", causation, event["causation"]
    for event in events[1:]:
        found = hashlib.sha256(canonical(event["data"]["document"]).encode()).hexdigest()
        yield (
            "opening: rulebook",
            [found, found],
            [event["data"]["sha256"], event["rulebook"]["sha256"]],
        )


def stream_checks(name, vector):
    yield f"{name}: whole", None, verify(vector["ledgerId"], vector["stream"], vector["records"])
    events = [parse(record["body"]) for record in vector["records"]]
    key = vector["keys"][vector["stream"].replace("-", ":", 1)]
    for command in vector["commands"]:
        sealed = None if command["command"] == "ClockPassed" else key
        found = fingerprint(command["command"], command["data"], sealed)
        yield f"{name}: fingerprint of {command['commandId']}", command["fingerprint"], found
        yield (
            f"{name}: {command['commandId']}",
            command["commandId"],
            command_id(vector["stream"], command, found),
        )
        for revision in command["revisions"]:
            names = ("command", "commandId", "fingerprint")
            expected = {part: command[part] for part in names}
            yield f"{name}: causation of {revision}", expected, events[revision]["causation"]
    opened = {entry["revision"]: entry["plaintext"] for entry in vector["opened"]}
    for event in events:
        texts = event.get("personal", [])
        if texts:
            subject = texts[0]["subject"]
            plaintext = opened[event["revision"]]
            found = seal(plaintext, subject, event["id"], vector["keys"][subject])
            yield f"{name}: texts of {event['revision']}", texts, found


CREATES = {
    "AdmitAgency": ("agency", "agencyId"),
    "RecordDeduction": ("deduction", "deductionId"),
    "InitiateAppeal": ("appeal", "appealId"),
}


def command_id(stream, command, digest):
    data = command["data"]
    if "sentCommandId" in command:
        return command["sentCommandId"]
    if command["command"] == "ClockPassed":
        return f"clock/{data['deductionId']}@{data['effectiveAt']}"
    if command["command"] in CREATES:
        kind, member = CREATES[command["command"]]
        return f"{kind}/{data[member]}"
    return f"{stream}@{command['revisions'][0]}/{digest[:16]}"


def given_streams():
    for given in json.load(sys.stdin.buffer):
        yield given["stream"], None, verify(given["ledgerId"], given["stream"], given["records"])


def main():
    done = failed = 0
    for what, expected, found in given_streams() if sys.argv[1:] == ["-"] else checks():
        done += 1
        if expected != found:
            failed += 1
            print(f"{what}: expected {expected!r}, found {found!r}")
    print(f"{done} checks, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main())
