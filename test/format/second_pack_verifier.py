#!/usr/bin/env python3
"""Verifies evidence packs from docs/spec/evidence-pack.md alone, and computes their answers anew.

It uses only Python's standard library and shares no code with the ledger. The readers beside it
check events, Ed25519 and proofs, each from its own specification.

    second_pack_verifier.py PACK --key KEY [--checkpoint FILE] [--receipt FILE]
        prints for each step whether it holds, what was verified, and what was not checked; the
        exit code is 1 if a step does not hold
    second_pack_verifier.py --each --key KEY
        reads packs from standard input, each after its length in four bytes, big-endian; prints
        for each a line of JSON: its steps, each with its result and, if it fails, its problem
    second_pack_verifier.py --vectors
        verifies the vectors; prints each failed check and a count
"""

import argparse
import datetime
import hashlib
import json
import pathlib
import re
import struct
import sys
import zlib
import zoneinfo

import pack_assessments
import pack_forms
import pack_limits
import second_reader as event_format
from second_log_reader import (
    Refused,
    check_absence,
    check_consistency,
    check_current,
    check_head,
    check_receipt,
    fingerprints,
    from_base64,
    followed_keys,
    node_hash,
    open_checkpoint,
    open_note,
    parse_receipt,
    parse_verifier_key,
)

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors" / "evidence-pack"
SPECIFICATION = VECTORS.parents[2] / "docs" / "spec" / "evidence-pack.md"
PAGE_ROW = re.compile(r"^\| [0-9]+ \| `([0-9a-f]{64})` \|$", re.M)
PAGES = set(PAGE_ROW.findall(SPECIFICATION.read_text(encoding="utf-8")))
FILES = [
    "manifest.json",
    "signature.txt",
    "checkpoint.txt",
    "events.ndjson",
    "proofs.json",
    "computation.json",
    "disclosed.json",
    "statement.html",
    "statement.pdf",
]


class Unchecked(Exception):
    """A step that this one needs does not hold."""


def require(holds, problem, why=""):
    if not holds:
        raise Refused(problem, why)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def canonical(value):
    return event_format.canonical(value)


def text_of(data):
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def read_json(data, problem):
    text = text_of(data)
    within = text is not None and pack_limits.marks_of(text) is not None
    require(within and event_format.is_canonical(text), problem, "not canonical JSON")
    return event_format.parse(text)


# The ZIP.


def is_attachment(name):
    return re.fullmatch("attachments/[0-9a-f]{64}", name) is not None


def place_of(name):
    if is_attachment(name):
        return len(FILES)
    return FILES.index(name) if name in FILES else None


def is_stored(name):
    return name in ("manifest.json", "signature.txt") or is_attachment(name)


def described(name, packed, content):
    method = 0 if is_stored(name) else 8
    sizes = (len(packed), len(content), len(name))
    return struct.pack("<HHHHHIIIH", 20, 0, method, 0, 0x21, zlib.crc32(content), *sizes)


def local_header(name, packed, content):
    return b"PK\3\4" + described(name, packed, content) + b"\0\0" + name.encode("latin-1")


def directory(entries):
    headers, offset = b"", 0
    for name, packed, content in entries:
        headers += b"PK\1\2" + struct.pack("<H", 20) + described(name, packed, content)
        headers += bytes(12) + struct.pack("<I", offset) + name.encode("latin-1")
        offset += 30 + len(name) + len(packed)
    total = len(entries)
    end = struct.pack("<HHHHIIH", 0, 0, total, total, len(headers), offset, 0)
    return headers + b"PK\5\6" + end


def inflate(packed, length):
    stream = zlib.decompressobj(-15)
    try:
        content = stream.decompress(packed, length + 1)
    except zlib.error as error:
        raise Refused("zip_data", str(error)) from error
    require(
        stream.eof and not stream.unused_data and not stream.unconsumed_tail,
        "zip_data",
        "not one whole stream",
    )
    return content


def entry_at(data, at, entries):
    require(at + 30 <= len(data), "zip_header", "cut off")
    (method,) = struct.unpack_from("<H", data, at + 8)
    crc, packed_length, length, name_length = struct.unpack_from("<IIIH", data, at + 14)
    start = at + 30 + name_length
    require(start <= len(data), "zip_header", "cut off")
    name = data[at + 30 : start].decode("latin-1")
    require(all(name != other for other, _, _ in entries), "zip_twice", name)
    place = place_of(name)
    require(place is not None, "zip_name", name)
    if entries:
        last = entries[-1][0]
        follows = place > place_of(last) or place == place_of(last) == len(FILES) and name > last
    else:
        follows = place == 0
    require(follows, "zip_name", name)
    require(method == (0 if is_stored(name) else 8), "zip_method", name)
    require(length <= pack_limits.byte_limit_of(name), "zip_size", name)
    require(start + packed_length <= len(data), "zip_header", "cut off")
    packed = data[start : start + packed_length]
    content = packed if is_stored(name) else inflate(packed, length)
    require(len(content) == length, "zip_data", name)
    require(zlib.crc32(content) == crc, "zip_crc", name)
    require(data[at:start] == local_header(name, packed, content), "zip_header", name)
    return name, packed, content


def read_zip(data):
    require(len(data) <= pack_limits.MAX_BYTES, "zip_size")
    entries, at, unpacked = [], 0, 0
    while data[at : at + 4] == b"PK\3\4":
        entries.append(entry_at(data, at, entries))
        unpacked += len(entries[-1][2])
        require(unpacked <= pack_limits.MAX_BYTES, "zip_size")
        require(len(entries) <= pack_limits.MAX_ENTRIES, "zip_size")
        at += 30 + len(entries[-1][0]) + len(entries[-1][1])
    require(entries, "zip_header", "no entry")
    require(data[at:] == directory(entries), "zip_directory")
    return entries


# Manifest and files.

matches, integer_from, obj = event_format.matches, event_format.integer_from, event_format.obj
ID, HASH = event_format.ID, event_format.HASH
STREAM = matches("[A-Za-z0-9._:-]{1,80}")


def list_of(item):
    return lambda value: isinstance(value, list) and all(item(one) for one in value)


def count(value):
    return integer_from(0)(value) and value <= 2**53 - 1


REFUSED_IN_NAME = re.compile(
    '[\u0000-\u001f"*/:<>?\\\\|\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f'
    "\ufeff\ufff9-\ufffb]"
)
DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.I)


def is_file_name(value):
    """A name that a file can have in every system."""
    return (
        isinstance(value, str)
        and 0 < len(value.encode("utf-8", "surrogatepass")) <= 200
        and REFUSED_IN_NAME.search(value) is None
        and value[0] not in ". "
        and value[-1] not in ". "
        and DEVICE.match(value) is None
    )


def are_file_names(value):
    return (
        isinstance(value, dict)
        and len(value) > 0
        and all(HASH(name) and is_file_name(own) for name, own in value.items())
    )


is_manifest = obj(
    {
        "account": ID,
        "effectiveAt": event_format.is_instant,
        "files": list_of(
            obj(
                {"bytes": count, "name": lambda value: isinstance(value, str), "sha256": HASH},
                {"packed": obj({"bytes": count, "sha256": HASH})},
            )
        ),
        "format": lambda value: type(value) is int and value == 1,
        "kind": lambda value: value == "penalty-ledger/evidence-pack",
        "knownAt": event_format.is_instant,
        "ledgerId": ID,
        "origin": matches("[!-*,-~]{1,100}"),
        "period": matches("199[2-9]|[2-8][0-9]{3}"),
        "redacted": lambda value: value in ([], ["complainant"]),
        "subject": obj({"agencyId": ID}, {"appealId": ID}),
    },
    {
        "assessments": lambda value: list_of(pack_forms.MONTH)(value)
        and value
        and value == sorted(set(value)),
        "fileNames": are_file_names,
        "simulation": lambda value: value is True,
    },
)


def read_manifest(data):
    manifest = read_json(data, "manifest_bytes")
    require(is_manifest(manifest), "manifest_form")
    return manifest


def check_files(entries, manifest):
    others = [entry for entry in entries if entry[0] not in ("manifest.json", "signature.txt")]
    files = manifest["files"]
    for at, (name, _, _) in enumerate(others):
        require(at < len(files) and files[at]["name"] == name, "file_unlisted", name)
    require(len(files) == len(others), "file_missing")
    names = [name for name, _, _ in entries]
    require(
        all(name in names for name in FILES if name not in ("disclosed.json", "statement.pdf")),
        "file_missing",
    )
    attached = [f"attachments/{one}" for one in manifest.get("fileNames", {})]
    require(all(name in names for name in attached), "file_missing")
    for listed, (name, packed, content) in zip(files, others):
        expected = {"bytes": len(content), "name": name, "sha256": sha256(content)}
        if not is_stored(name):
            expected["packed"] = {"bytes": len(packed), "sha256": sha256(packed)}
        require(listed == expected, "file_hash", name)
    return {name: content for name, _, content in entries}


def check_signature(data, keys, listing, manifest):
    text, signed_by = open_note(data, keys)
    signed = f"penalty-ledger/evidence-pack\n{manifest['origin']}\n{sha256(listing)}\n"
    require(text == signed, "manifest_signed")
    require(manifest["origin"] in signed_by, "origin")
    return fingerprints(data, keys)


def checked_checkpoint(data, keys, manifest, manifest_signed_by):
    checkpoint, _ = open_checkpoint(data, keys)
    require(checkpoint["origin"] == manifest["origin"], "origin")
    require(manifest["knownAt"] <= checkpoint["signedAt"], "signed_before")
    if manifest_signed_by is not None:
        check_current(manifest_signed_by, keys, checkpoint)
    return checkpoint


# Events, chains, rulebooks.


def read_events(data):
    text = text_of(data)
    require(text is not None and text.endswith("\n"), "events_form")
    bodies = text[:-1].split("\n", pack_limits.MAX_EVENTS)
    require(len(bodies) <= pack_limits.MAX_EVENTS, "events_form", "too many")
    events, left = [], pack_limits.MAX_MARKS
    for body in bodies:
        marks = pack_limits.marks_of(body, left)
        require(marks is not None and event_format.is_canonical(body), "event_bytes")
        left -= marks
        event = event_format.parse(body)
        require(event_format.is_envelope(event), "event_envelope")
        leaf_hash = event_format.leaf_hash(body)
        place = len(events)
        events.append({"event": event, "body": body, "leafHash": leaf_hash, "place": place})
    return events


def check_chains(events, manifest):
    opening = events[0]["event"]
    first = (opening["type"], opening["stream"], opening["revision"])
    require(first == ("LedgerOpened", "ledger", 0), "opening")
    require(opening["data"].get("ledgerId") == manifest["ledgerId"], "opening")
    agency, streams = f"agency-{manifest['subject']['agencyId']}", {}
    for packed in events:
        stream = packed["event"]["stream"]
        allowed = stream in ("ledger", "rulebooks", agency) or stream.startswith("evidence-")
        if "assessments" in manifest:
            kind = pack_assessments.kind_of(stream, manifest["subject"]["agencyId"])
            allowed = allowed or kind is not None
        require(allowed, "stream", stream)
        streams.setdefault(stream, []).append(packed)
    require(len(streams["ledger"]) == 1, "opening")
    for stream, chain in streams.items():
        found = event_format.verify(manifest["ledgerId"], stream, chain)
        require(found is None, found and found[1], stream)
    simulation = opening["data"].get("simulation") is True
    require(simulation == ("simulation" in manifest), "opening")
    return streams


def check_rulebooks(streams):
    chain, register = streams.get("rulebooks", []), []
    require(chain, "rulebook_missing")
    require(len(chain) <= pack_limits.MAX_RULEBOOKS, "rulebook_form", "too many")
    for packed in chain:
        event = packed["event"]
        kind, document = event["type"], event["data"].get("document")
        is_calendar = kind == "CalendarPublished"
        known = is_calendar or kind in ("RulebookShipped", "RulebookPublished")
        form = pack_forms.is_calendar if is_calendar else pack_forms.is_rulebook
        require(known and event["schemaVersion"] == 1 and form(document), "rulebook_form")
        digest = sha256(canonical(document).encode())
        require(event["data"].get("sha256") == digest, "rulebook_hash")
        if is_calendar:
            require(event.get("rulebook") is None, "rulebook_hash")
            continue
        reference = {"id": document["id"], "rulebookVersion": document["rulebookVersion"]}
        reference["sha256"] = digest
        require(event.get("rulebook") == reference, "rulebook_hash")
        effective_from = pack_forms.instant_of(document["effectiveFrom"])
        register.append(
            {
                "document": document,
                "reference": reference,
                "effectiveFrom": effective_from,
                "event": event,
            }
        )
    known = {canonical(rulebook["reference"]) for rulebook in register}
    for packed in (packed for chain in streams.values() for packed in chain):
        named = packed["event"].get("rulebook")
        require(named is None or canonical(named) in known, "rulebook_unknown")
    return register


# Proofs.

HASHES = list_of(HASH)
is_proofs = obj(
    {
        "absent": list_of(
            obj({"siblings": HASHES, "stream": STREAM}, {"other": obj({"head": HASH, "key": HASH})})
        ),
        "consistency": list_of(obj({"from": count, "proof": HASHES})),
        "heads": list_of(obj({"siblings": HASHES, "stream": STREAM})),
        "inclusion": HASHES,
        "indexes": list_of(count),
    }
)


def read_proofs(data, events):
    proofs = read_json(data, "proofs_bytes")
    require(is_proofs(proofs), "proofs_form")
    names = [[one["stream"] for one in proofs[member]] for member in ("heads", "absent")]
    for values in (*names, proofs["indexes"], [one["from"] for one in proofs["consistency"]]):
        require(values == sorted(set(values)), "proofs_form", "not in order")
    require(
        len(proofs["indexes"]) == events.count(b"\n"), "proofs_form", "not one index for each event"
    )
    return proofs


def check_inclusion(events, checkpoint, proofs):
    problem, indexes = "inclusion_form", proofs["indexes"]
    require(indexes[0] == 0 and indexes[-1] < checkpoint["size"], problem)
    hashes = iter([bytes.fromhex(text) for text in proofs["inclusion"]])

    def root(start, end, leaves):
        if not leaves:
            found = next(hashes, None)
            require(found is not None, problem, "too few hashes")
            return found
        if end - start == 1:
            return leaves[0][1]
        middle = start + 2 ** ((end - start - 1).bit_length() - 1)
        left = root(start, middle, [leaf for leaf in leaves if leaf[0] < middle])
        return node_hash(left, root(middle, end, [leaf for leaf in leaves if leaf[0] >= middle]))

    leaves = [(index, bytes.fromhex(packed["leafHash"])) for index, packed in zip(indexes, events)]
    found = root(0, checkpoint["size"], leaves)
    require(next(hashes, None) is None, problem, "too many hashes")
    require(found.hex() == checkpoint["root"], "inclusion_root")


def items_of(event):
    items = event["data"].get("items") if event["type"] == "AppealEvidenceSubmitted" else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def check_completeness(streams, manifest, proofs, checkpoint):
    agency, root = f"agency-{manifest['subject']['agencyId']}", checkpoint["streamHeads"]["root"]
    present = ({"rulebooks", agency} | set(streams)) - {"ledger"}
    submitted = [item for packed in streams.get(agency, []) for item in items_of(packed["event"])]
    named = [item.get("evidenceId") for item in submitted]
    named = {f"evidence-{one}" for one in named if isinstance(one, str)}
    months = manifest.get("assessments", [])
    sessions = {f"session-{manifest['subject']['agencyId']}-{month}" for month in months}
    absent = (named | sessions) - present
    require({one["stream"] for one in proofs["heads"]} == present, "head_missing")
    require({one["stream"] for one in proofs["absent"]} == absent, "head_missing")
    for proof in proofs["heads"]:
        require(proof["stream"] in streams, "head_missing")
        last = streams[proof["stream"]][-1]
        head = {"revision": last["event"]["revision"], "leafHash": last["leafHash"]}
        check_head(proof["stream"], head, proof, root)
    for proof in proofs["absent"]:
        check_absence(proof["stream"], proof, root)


# What a reader holds.


def check_held(checkpoints, receipts, keys, checkpoint, proofs):
    notes = list(checkpoints)
    for receipt in receipts:
        try:
            notes.append(parse_receipt(receipt)[3])
        except Refused:
            pass  # A receipt that is none has its own step.
    known = {one["from"]: one["proof"] for one in proofs["consistency"]}
    for note in notes:
        held, _ = open_checkpoint(note, keys)
        size = held["size"]
        require(held["origin"] == checkpoint["origin"], "origin")
        require(size <= checkpoint["size"], "later")
        require(size in known or size in (0, checkpoint["size"]), "consistency_missing")
        check_consistency(
            size, held["root"], checkpoint["size"], checkpoint["root"], known.get(size, [])
        )


def check_receipts(receipts, keys, checkpoint, streams):
    for receipt in receipts:
        named, _, held = check_receipt(receipt, keys)
        require(held["origin"] == checkpoint["origin"], "origin")
        chain = streams.get(named["stream"])
        # Of the ledger's own stream a pack has the first event alone.
        if chain is not None and (named["stream"] != "ledger" or named["revision"] == 0):
            at = named["revision"]
            require(at < len(chain) and chain[at]["leafHash"] == named["leafHash"], "event")


# Attachments, disclosure, redaction.


def note(ids, found):
    if isinstance(found, str):
        ids.add(found)


def has(ids, found):
    return isinstance(found, str) and found in ids


NOTED = {
    "AppealInitiated": "appealId",
    "MeasureImposed": "measureId",
    "HumanReviewRequested": "reviewId",
}


def of_complaint(event, concerned):
    """Whether an event of the agency tells of a complaint; notes the ids of what it is about."""
    kind, data = event["type"], event["data"]
    deductions = concerned["deductionId"]
    basis = data.get("basis")
    if kind == "DeductionImposed" and isinstance(basis, dict) and basis.get("kind") == "complaint":
        note(deductions, data.get("deductionId"))
    named = data.get("deductionIds")
    one = (
        "complaintId" in data
        or any(has(ids, data.get(name)) for name, ids in concerned.items() if name != "evidenceId")
        or any(has(deductions, one) for one in (named if isinstance(named, list) else []))
        or (bool(deductions) and ("expulsion" in data or kind == "ExpulsionExecuted"))
    )
    if not one:
        return False
    if kind in NOTED:
        note(concerned[NOTED[kind]], data.get(NOTED[kind]))
    items = data.get("items")
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict):
            note(concerned["evidenceId"], item.get("evidenceId"))
    return True


def about_one(data, concerned):
    if has(concerned["evidenceId"], data.get("evidenceId")):
        return True
    subject = data.get("subject")
    if not isinstance(subject, dict):
        return False
    kind, found = subject.get("kind"), subject.get("id")
    return (
        kind == "complaint"
        or (kind == "deduction" and has(concerned["deductionId"], found))
        or (kind == "appeal" and has(concerned["appealId"], found))
    )


def withheld_from_others(streams, manifest):
    events, files = set(), set()
    if not manifest["redacted"]:
        return events, files
    names = ("deductionId", "appealId", "measureId", "reviewId", "evidenceId")
    concerned = {name: set() for name in names}
    of_agency = streams.get(f"agency-{manifest['subject']['agencyId']}", [])
    withheld = [p["event"] for p in of_agency if of_complaint(p["event"], concerned)]
    for event in (packed["event"] for chain in streams.values() for packed in chain):
        if event["type"] == "EvidenceRegistered" and about_one(event["data"], concerned):
            withheld.append(event)
    for event in withheld:
        events.add(event["id"])
        files.update(files_of(event))
    return events, files


def files_of(event):
    """The hashes of the files that an event registers."""
    kind, data = event["type"], event["data"]
    files = [item.get("sha256") for item in items_of(event)]
    if kind in ("EvidenceRegistered", "PlatformBalanceObserved"):
        files.append(data.get("sha256"))
    if kind == "DeductionImposed":
        files.append(data.get("noticeSha256"))
    return [found for found in files if isinstance(found, str)]


def check_attachments(files, streams, withheld):
    registered = set()
    for event in (packed["event"] for chain in streams.values() for packed in chain):
        registered.update(files_of(event))
    for name, content in files.items():
        if is_attachment(name):
            digest = name.split("/")[1]
            require(sha256(content) == digest, "attachment_hash", name)
            require(digest in registered, "attachment_unregistered", name)
            require(digest not in withheld[1], "redaction", name)


is_disclosure = list_of(
    obj(
        {
            "id": matches("[0-9a-f-]{36}"),
            "key": matches("[0-9a-f]{64}"),
            "recordedAt": event_format.is_instant,
            "revision": count,
            "stream": STREAM,
            "text": matches("/[A-Za-z0-9/]{1,70}"),
            "type": lambda value: isinstance(value, str),
            "value": lambda value: isinstance(value, str),
        }
    )
)


def check_disclosure(data, events, withheld):
    if data is None:
        return
    disclosed = read_json(data, "disclosure_bytes")
    require(is_disclosure(disclosed), "disclosure_form")
    places = {packed["event"]["id"]: place for place, packed in enumerate(events)}
    boxes = {
        (packed["event"]["id"], sealed["text"]): sealed
        for packed in events
        for sealed in packed["event"].get("personal", [])
    }
    last = (-1, "")
    for one in disclosed:
        place = places.get(one["id"], -1)
        sealed = boxes.get((one["id"], one["text"]))
        require(sealed is not None and (place, one["text"]) > last, "disclosure_event")
        event = events[place]["event"]
        named = ("recordedAt", "revision", "stream", "type")
        require(all(one[name] == event[name] for name in named), "disclosure_event")
        opened = event_format.open_text(sealed, one["id"], one["key"])
        require(opened == one["value"], "disclosure_text")
        require(one["id"] not in withheld[0], "redaction")
        last = (place, one["text"])


# The decisions.

END = "9999-12-31T23:59:59.999Z"
FOLLOWING = ("PendingExpulsionLifted", "ExpulsionUnsupported", "PendingExpulsionOpened")
ADJUSTING = ("DeductionAdjusted", "DeductionRevoked")
OPEN = ("initiated", "evidence_submitted")
CREATED = {
    "AgencyAdmitted": "agencyId",
    "DeductionImposed": "deductionId",
    "AppealInitiated": "appealId",
    "ComplaintFiled": "complaintId",
    "GrowthPostRecorded": "postId",
    "MeasureImposed": "measureId",
    "AdditionGranted": "additionId",
    "HumanReviewRequested": "reviewId",
    "SessionRecorded": "sessionId",
    "EvidenceRegistered": "evidenceId",
}
RECORDED_BY = {
    "AdmitAgency": "AgencyAdmitted",
    "RecordExit": "AgencyExited",
    "RecordDeduction": "DeductionImposed",
    "RecordRevocation": "DeductionRevoked",
    "RecordPartialRevocation": "DeductionAdjusted",
    "RecordReinstatement": "DeductionReinstated",
    "CorrectDeduction": "DeductionCorrected",
    "InitiateAppeal": "AppealInitiated",
    "SubmitEvidence": "AppealEvidenceSubmitted",
    "WithdrawAppeal": "AppealWithdrawn",
    "DecideAppeal": "AppealDecided",
    "RecordExpulsion": "ExpulsionExecuted",
    "RevokeExpulsion": "ExpulsionRevoked",
    "ApplyForReentry": "ReentryApplied",
    "RecordReadmission": "AgencyReadmitted",
    "ObservePlatformBalance": "PlatformBalanceObserved",
    "FileComplaint": "ComplaintFiled",
    "CloseComplaint": "ComplaintClosed",
    "MergeComplaints": "ComplaintsMerged",
    "UnmergeComplaint": "ComplaintUnmerged",
    "RecordMeasure": "MeasureImposed",
    "LiftMeasure": "MeasureLifted",
    "RequestHumanReview": "HumanReviewRequested",
    "AnswerHumanReview": "HumanReviewAnswered",
    "RecordAddition": "AdditionGranted",
    "RevokeAddition": "AdditionRevoked",
    "RecordGrowthPost": "GrowthPostRecorded",
    "ComputeAssessment": "AssessmentComputed",
}


def same(holds, why):
    require(holds, "decision_differs", why)


def is_int(value):
    return isinstance(value, int) and not isinstance(value, bool)


def moment_of(instant):
    return datetime.datetime.fromisoformat(instant.replace("Z", "+00:00"))


def hours_later(instant, hours):
    return pack_forms.instant_of((moment_of(instant) + datetime.timedelta(hours=hours)).isoformat())


def days_later(zone, instant, days):
    """24:00 of the last of so many days, the first of which is the one after the instant's."""
    day = moment_of(instant).astimezone(zone).date() + datetime.timedelta(days=days + 1)
    start = datetime.datetime.combine(day, datetime.time(), tzinfo=zone)
    return pack_forms.instant_of(start.isoformat())


def year_of(zone, instant):
    return f"{moment_of(instant).astimezone(zone).year:04d}"


def check_once(events):
    """No event, no command and nothing created has the id of another."""
    seen, appends, lasts = set(), {}, {}

    def take(*name):
        require(name not in seen, "id_twice", repr(name))
        seen.add(name)

    for event in (packed["event"] for packed in events):
        causation, stream, kind = event["causation"], event["stream"], event["type"]
        command, command_id = causation["command"], causation["commandId"]
        take("event", event["id"])
        created = event["data"].get(CREATED.get(kind))
        if isinstance(created, str):
            take(kind, created)
        is_first = lasts.get(stream) != (command, command_id)
        lasts[stream] = (command, command_id)
        if "/" in command_id:
            continue  # The ledger's own.
        name = (event["actor"], command_id.removesuffix(f"@{event['actor']}"))
        if kind == "AssessmentComputed":
            take("computed", *name, event["data"].get("agencyId"))
        elif is_first and command != "ComputeAssessment":
            append = (causation["fingerprint"], event["recordedAt"])
            require(appends.setdefault(name, append) == append, "id_twice", repr(name))
            take("command", *name, stream)


BREACHES = (
    "appeal_worsened",
    "below_threshold",
    "no_last_chance",
    "reentry_early",
    "tariff_mismatch",
)
# Findings that are not recomputed here; the verdict lists them.
TAKEN = ("appeal_worsened", "assessment_disagrees", "balance_mismatch", "same_actor")
RECOMPUTED = {
    "AgencyReadmitted": ("reentry_early",),
    "AppealInitiated": ("appeal_late",),
    "DeductionImposed": ("tariff_mismatch", "possible_duplicate", "retroactive_threshold"),
    "ExpulsionExecuted": ("no_last_chance", "below_threshold"),
}


class Judge:
    """Makes decisions on an agency again, each on the events before it."""

    def __init__(self, zone, mode):
        self.zone, self.mode, self.history = zone, mode, History([])
        self.register, self.scheduled = [], {}
        self.bases, self.assessments = {}, {}

    # What holds now.

    def rulebook(self, at):
        return in_force_at(self.register, at, END)

    def parameter(self, at, name):
        return self.rulebook(at)["document"]["parameters"][name]["value"]

    def account(self, rulebook, name):
        accounts = rulebook["document"]["accounts"]
        return next((one for one in accounts if one["id"] == name), accounts[0])

    def sum(self, at, period, account):
        return sum_at(self.history, at, END, period, account)

    def support(self, expulsion):
        return self.sum(expulsion["effectiveAt"], expulsion["period"], expulsion["account"])

    def supported(self):
        return {
            number
            for number, one in enumerate(self.history.expulsions)
            if one["revoked"] is None and self.support(one) >= one["threshold"]
        }

    def is_admitted(self, at):
        return standing_at(self.history, at, END)[0] in ("active", "pending_expulsion")

    # What follows from what is recorded.

    def lifted(self, now):
        standing, _, pending = standing_at(self.history, now, END)
        if standing != "pending_expulsion":
            return None
        rulebook = self.rulebook(now)
        account = self.account(rulebook, pending["account"])
        balance = self.sum(now, pending["period"], account)
        if balance >= account["threshold"]:
            return None
        return "PendingExpulsionLifted", {
            **self.reached(now, rulebook, account, balance),
            "period": pending["period"],
        }

    def reached(self, now, rulebook, account, balance):
        return {
            "account": account["id"],
            "balance": balance,
            "effectiveAt": now,
            "rulebook": rulebook["reference"],
            "threshold": account["threshold"],
        }

    def unsupported(self, before):
        for number in sorted(before - self.supported()):
            one = self.history.expulsions[number]
            if one["revoked"] is None and "unsupported" not in one:
                balance = self.support(one)
                return "ExpulsionUnsupported", {"balance": balance, "expulsion": number}
        return None

    def opened(self, now):
        if standing_at(self.history, now, END)[0] != "active":
            return None
        rulebook, period = self.rulebook(now), year_of(self.zone, now)
        for account in rulebook["document"]["accounts"]:
            balance = self.sum(now, period, account)
            expels = account.get("expels", {"value": True})["value"]
            if expels and balance >= account["threshold"]:
                days = self.parameter(now, "lastChanceDays")
                return "PendingExpulsionOpened", {
                    **self.reached(now, rulebook, account, balance),
                    "closesAt": days_later(self.zone, now, days),
                    "period": period,
                }
        return None

    def next(self, now, before):
        return self.lifted(now) or self.unsupported(before) or self.opened(now)

    # One command.

    def judge(self, events, register):
        self.register = register
        causation, recorded = events[0]["causation"], events[0]["recordedAt"]
        before, now = self.supported(), recorded
        if causation["command"] == "ClockPassed":
            found = re.fullmatch("clock/([^@]*)@(.*)", causation["commandId"])
            same(found is not None, "no clock")
            name, now = found.groups()
            same(now <= recorded and self.scheduled.get(name) == now, "was not due")
            self.pass_before(now, name)
            del self.scheduled[name]
        else:
            self.pass_before(recorded, None)
            kind = RECORDED_BY.get(causation["command"])
            same(events[0]["type"] == kind, f"{causation['command']} does not record it")
        if events[0]["type"] == "AppealDecided" and events[0]["data"]["outcome"] == "partly_upheld":
            appeal = events[0]["data"]["appealId"]
            adjusted = [
                one["type"] in ADJUSTING and one["data"].get("appealId") == appeal
                for one in events[1:2]
            ]
            same(adjusted == [True], "nothing was adjusted")
        first = next((at for at, one in enumerate(events) if one["type"] in FOLLOWING), len(events))
        for event in events[:first]:
            self.check(event)
            self.take(event)
        for event in events[first:]:
            kind, members = self.next(now, before) or (None, {})
            same(event["type"] == kind, f"{event['type']} does not follow")
            self.members(event, members)
            self.take(event)
        same(self.next(now, before) is None, "what follows was not recorded")
        for event in events:
            if event["type"] in ("DeductionImposed", "DeductionCorrected"):
                self.scheduled.pop(event["data"]["deductionId"], None)
                if event["effectiveAt"] > event["recordedAt"]:
                    self.scheduled[event["data"]["deductionId"]] = event["effectiveAt"]

    def take(self, event):
        same(event["schemaVersion"] == 1, "an unknown schema version")
        self.history.take(event, event["type"], event["data"], event["recordedAt"])

    def pass_before(self, until, name):
        """Nothing followed when the clock passed what was scheduled before."""
        for at, due in sorted((at, due) for due, at in self.scheduled.items()):
            if at < until or (at == until and (name is None or due < name)):
                del self.scheduled[due]
                known, register = self.register, self.register
                self.register = [one for one in known if one["event"]["recordedAt"] < at]
                same(self.next(at, self.supported()) is None, "what fell due was not recorded")
                self.register = register

    def members(self, event, members):
        for name, value in members.items():
            said = (event if name in ("effectiveAt", "rulebook") else event["data"]).get(name)
            same(canonical([said]) == canonical([value]), f"{event['type']}: {name}")

    def findings(self, event, **found):
        codes = [one["code"] for one in event["data"].get("findings", [])]
        for code, is_found in found.items():
            same(codes.count(code) == int(is_found), f"{event['type']}: {code}")
            refused = is_found and code in BREACHES and self.mode == "operator"
            same(not refused, f"refused with {code}")

    def found(self, event):
        """No other findings than the act can lead to, each of its severity."""
        for one in event["data"].get("findings", []):
            code = one["code"]
            possible = TAKEN + RECOMPUTED.get(event["type"], ())
            same(code in possible, f"{event['type']}: {code}")
            same(one["severity"] == ("breach" if code in BREACHES else "warning"), code)

    def stated(self, event, earliest):
        """The instant that an act on an appeal states: an operator states a decision's alone."""
        same(self.mode == "observer" or "occurredAt" not in event, "entered late")
        said = event.get("decidedAt", event.get("occurredAt"))
        same(said is None or said >= earliest, "before what it is about")

    def check(self, event):
        kind = event["type"]
        names = ["occurredAt"] + (["decidedAt"] if kind == "AppealDecided" else [])
        if kind not in ("DeductionImposed", "DeductionCorrected"):
            names.append("effectiveAt")
        ahead = [event[name] > event["recordedAt"] for name in names if name in event]
        same(not any(ahead), "in the future")
        self.found(event)
        checks = {
            "AgencyExited": self.exited,
            "AgencyReadmitted": self.readmitted,
            "AppealDecided": self.open_appeal,
            "AppealEvidenceSubmitted": self.submitted,
            "AppealInitiated": self.initiated,
            "AppealWithdrawn": self.open_appeal,
            "AssessmentComputed": self.assessed,
            "ComplaintClosed": self.open_complaint,
            "DeductionAdjusted": self.decided,
            "DeductionCorrected": self.corrected,
            "DeductionImposed": self.imposed,
            "DeductionReinstated": self.decided,
            "DeductionRevoked": self.decided,
            "ExpulsionExecuted": self.expelled,
            "ExpulsionRevoked": self.revoked,
            "ReentryApplied": self.applied,
        }
        if event["type"] in checks:
            checks[event["type"]](event, event["data"], event["recordedAt"])

    # Each act.

    def terms(self, event, data, basis):
        """The rulebook of a deduction's values, which it checks against it."""
        occurred, effective, recorded = (
            event[name] for name in ("occurredAt", "effectiveAt", "recordedAt")
        )
        same(occurred <= recorded and occurred <= effective, "instants")
        same(effective <= hours_later(recorded, 366 * 24), "more than 366 days ahead")
        rulebook = self.rulebook(occurred)
        least, most = (self.parameter(occurred, name) for name in ("minPoints", "maxPoints"))
        same(is_int(data["points"]) and least <= data["points"] <= most, "points")
        period = data["period"]
        if not data["periodStated"]:
            attribution = self.parameter(occurred, "attribution")
            by = occurred if attribution == "occurredAt" else effective
            period = year_of(self.zone, by)
            if attribution == "assessmentMonthEnd" and (basis or {}).get("kind") == "assessment":
                period = basis["month"][:4]
        self.members(event, {"period": period, "rulebook": rulebook["reference"]})
        clauses = rulebook["document"]["clauses"]
        return next((one for one in clauses if one["id"] == data["clause"]), None)

    def imposed(self, event, data, now):
        clause = self.terms(event, data, data.get("basis"))
        same(clause is not None, "clause")
        self.members(event, {"account": clause["account"]})
        same(self.is_admitted(min(event["effectiveAt"], now)), "not admitted")
        others = [values_at(one, END) for one in self.history.deductions.values()]
        alike = ("clause", "occurredAt", "points")
        ours = [data["clause"], event["occurredAt"], data["points"]]
        self.findings(
            event,
            tariff_mismatch=clause["points"] not in (None, data["points"]),
            possible_duplicate=any([one[name] for name in alike] == ours for one in others),
            retroactive_threshold=self.is_retroactive(event, data, now),
        )

    def is_retroactive(self, event, data, now):
        period, effective = data["period"], event["effectiveAt"]
        if period >= year_of(self.zone, now) or effective > now:
            return False
        if self.history.episode(effective, END) != self.history.episode(now, END):
            return False
        account = self.account(self.rulebook(now), data["account"])
        if not account.get("expels", {"value": True})["value"]:
            return False
        before = self.sum(now, period, account)
        return before < account["threshold"] <= before + data["points"]

    def corrected(self, event, data, now):
        deduction = self.history.deductions[data["deductionId"]]
        before, after = values_at(deduction, END), {**event, **data}
        for name in ("clause", "effectiveAt", "occurredAt", "points"):
            same(name in data["corrected"] or after[name] == before[name], name)
        clause = self.terms(event, data, deduction["event"]["data"].get("basis"))
        self.members(event, {"account": (clause or before)["account"]})
        same(clause is not None or "clause" not in data["corrected"], "clause")
        if "effectiveAt" in data["corrected"]:
            same(self.is_admitted(min(event["effectiveAt"], now)), "not admitted")

    def decided(self, event, data, _now):
        deduction = self.history.deductions[data["deductionId"]]
        counts, original = points_at(deduction, END), values_at(deduction, END)["points"]
        self.members(event, {"was": counts})
        if event["type"] == "DeductionRevoked":
            same(counts > 0, "counts nothing")
            return
        points = data["points"]
        same(is_int(points) and points > 0 and points != counts, "points")
        if event["type"] == "DeductionReinstated":
            same(counts < points <= original, "points")
        elif "appealId" not in data:
            same(points < counts, "points")

    def last_chance(self, pending):
        number = self.history.pendings.index(pending)
        appeals = self.history.appeals.values()
        return next((one for one in appeals if one.get("pending") == number), None)

    def window(self, data, now):
        history = self.history
        if "expulsion" in data:
            left = [at for at, one in enumerate(history.expulsions) if one["revoked"] is None]
            named = [one.get("expulsion") for one in history.appeals.values()]
            same(left and left[-1] not in named, "no expulsion to appeal")
            expulsion = history.expulsions[left[-1]]
            days = self.parameter(expulsion["effectiveAt"], "appealInitiateDays")
            until = days_later(self.zone, expulsion["recordedAt"], days)
            return {"expulsion": left[-1], "initiateBy": until, "pending": None}
        named = [history.deductions[name] for name in data["deductionIds"]]
        same(named and all(points_at(one, END) > 0 for one in named), "deductionIds")
        if data["kind"] == "last_chance":
            standing, _, pending = standing_at(history, now, END)
            same(standing == "pending_expulsion", "no pending expulsion")
            same(self.last_chance(pending) is None, "the chance was taken")
            number = history.pendings.index(pending)
            return {"expulsion": None, "initiateBy": pending["closesAt"], "pending": number}
        same(not any(one["appeals"] for one in named), "appealed already")
        windows = []
        for one in named:
            values = values_at(one, END)
            days = self.parameter(values["occurredAt"], "appealInitiateDays")
            notified = values.get("notifiedAt", one["recordedAt"])
            by_rule = days_later(self.zone, notified, days)
            windows.append(values.get("appealDeadline", by_rule))
        return {"expulsion": None, "initiateBy": min(windows), "pending": None}

    def initiated(self, event, data, now):
        initiated = event.get("occurredAt", now)
        window = self.window(data, now)
        named = [] if "expulsion" in data else data["deductionIds"]
        occurred = [values_at(self.history.deductions[one], END)["occurredAt"] for one in named]
        self.stated(event, max(occurred, default=""))
        late = initiated >= window["initiateBy"]
        hours = self.parameter(initiated, "appealEvidenceHours")
        said = {"evidenceBy": hours_later(initiated, hours), "outOfTime": late}
        rulebook = self.rulebook(initiated)["reference"]
        self.members(event, {**window, **said, "rulebook": rulebook})
        self.findings(event, appeal_late=late)

    def open_appeal(self, event, data, _now):
        appeal = self.history.appeals[data["appealId"]]
        same("decided" not in appeal and "withdrawn" not in appeal, "the appeal is closed")
        self.stated(event, appeal["initiatedAt"])

    def open_complaint(self, _event, data, _now):
        same(data["complaintId"] not in self.history.closed, "the complaint is closed")

    def submitted(self, event, data, now):
        self.open_appeal(event, data, now)
        appeal = self.history.appeals[data["appealId"]]
        same(not appeal["outOfTime"] and "evidence" not in appeal, "no evidence is due")
        same(event.get("occurredAt", now) < appeal["evidenceBy"], "too late")

    def expelled(self, event, _data, now):
        effective = event["effectiveAt"]
        standing, _, why = standing_at(self.history, now, END)
        same(self.is_admitted(now), "not admitted")
        pending = why if standing == "pending_expulsion" else None
        rulebook = self.rulebook(effective)
        period = pending["period"] if pending else year_of(self.zone, effective)
        account = self.account(rulebook, pending and pending["account"])
        balance = self.sum(effective, period, account)
        days = self.parameter(effective, "banDays")
        natural = self.parameter(effective, "banCount") == "natural_days"
        reentry = days_later(self.zone, effective, days)
        self.members(
            event,
            {
                "account": account["id"],
                "balance": balance,
                "carryOver": account["carryOver"],
                "period": period,
                "reentryFrom": reentry if natural else hours_later(effective, days * 24),
                "rulebook": rulebook["reference"],
                "threshold": account["threshold"],
            },
        )
        chance = pending and self.last_chance(pending)
        left = pending is None or (
            state_at(chance, now) in OPEN if chance else now < pending["closesAt"]
        )
        self.findings(
            event, no_last_chance=left, below_threshold=balance < account["threshold"]
        )

    def revoked(self, _event, data, _now):
        same(self.history.expulsions[data["expulsion"]]["revoked"] is None, "revoked already")

    def applied(self, event, _data, now):
        standing, _, expulsion = standing_at(self.history, now, END)
        same(standing == "expelled", "not expelled")
        reentry = expulsion["reentryFrom"]
        self.members(event, {"admissible": now >= reentry, "reentryFrom": reentry})

    def readmitted(self, event, _data, now):
        standing, _, expulsion = standing_at(self.history, now, END)
        same(standing in ("expelled", "exited"), "not expelled")
        self.members(event, {"effectiveAt": now})
        early = standing == "expelled" and now < expulsion["reentryFrom"]
        self.findings(event, reentry_early=early)

    def assessed(self, event, data, _now):
        creators, month = self.bases.get(event["id"]), str(data["month"])
        before, self.assessments[month] = self.assessments.get(month), event
        if creators is None:
            return

        def verdict(counts, terms, span):
            def day_after(instant, days):
                return days_later(self.zone, instant, days)

            return pack_assessments.verdict_of(
                self.history, counts, terms, span, standing_at, day_after
            )

        again, rulebook = pack_assessments.assessed_again(
            event, creators, before, self.zone, self.rulebook, verdict
        )
        same(canonical(data) == canonical(again), "the assessment")
        same(event.get("rulebook") == rulebook, "the assessment's rulebook")
        instants = ("decidedAt", "effectiveAt", "notifiedAt", "occurredAt")
        same(not any(name in event for name in instants), "the assessment's instants")

    def exited(self, event, _data, now):
        same(self.is_admitted(event["effectiveAt"]) and self.is_admitted(now), "not admitted")


def check_published(chain):
    """Rulebooks came with the opening, or were published: at short notice with that finding."""
    for event in (packed["event"] for packed in chain):
        command, kind = event["causation"]["command"], event["type"]
        if kind == "RulebookShipped":
            opened = chain[0]["event"]["recordedAt"] == event["recordedAt"]
            same(opened and command == "OpenLedger", "shipped after the opening")
        elif kind == "CalendarPublished":
            same(command == "PublishCalendar", f"{command} does not record it")
        else:
            same(command == "PublishRulebook", f"{command} does not record it")
            document = event["data"]["document"]
            start = pack_forms.instant_of(document["effectiveFrom"])
            announced = pack_forms.instant_of(document["announcedAt"])
            same(event["effectiveAt"] == start, "effectiveAt")
            codes = [one["code"] for one in event["data"].get("findings", [])]
            short = ["short_notice"] if start < hours_later(announced, 168) else []
            same(codes == short, "short_notice")


def judge_all(events, register, agency, judge):
    check_published([packed for packed in events if packed["event"]["stream"] == "rulebooks"])
    known, decisions = [], []
    for event in (packed["event"] for packed in events):
        if event["stream"] == "rulebooks" and event["type"] != "CalendarPublished":
            known = register[: len(known) + 1]
        if event["stream"] != f"agency-{agency}":
            continue
        same(event["data"]["agencyId"] == agency, "it is of another agency")
        command = [event["causation"][name] for name in ("command", "commandId")]
        if decisions and decisions[-1][0] == command:
            decisions[-1][1].append(event)
        else:
            decisions.append((command, [event], known))
    for _, appended, rulebooks in decisions:
        admitted = judge.history.admissions or appended[0]["type"] == "AgencyAdmitted"
        same(admitted, "before the agency was admitted")
        judge.judge(appended, rulebooks)


def check_foldable(events, register):
    fault = pack_forms.fault_of(events)
    require(fault is None, "computation_events", fault)
    work = pack_forms.work_of(events, [one["document"] for one in register])
    require(work <= pack_forms.MAX_WORK, "computation_size")


def check_decisions(events, streams, register, manifest):
    opening = streams["ledger"][0]["event"]["data"]
    require(opening.get("mode") in ("observer", "operator"), "ledger_terms", "mode")
    try:
        judge = Judge(zoneinfo.ZoneInfo(opening["zone"]), opening["mode"])
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise Refused("ledger_terms", repr(error)) from error
    check_once(events)
    own = streams.get(f"agency-{manifest['subject']['agencyId']}", [])
    check_foldable([packed["event"] for packed in own], register)
    agency, months = manifest["subject"]["agencyId"], manifest.get("assessments", [])
    pack_assessments.check_countable(streams, agency, months)
    if months:
        judge.bases = pack_assessments.bases_of(
            [packed["event"] for packed in events],
            lambda event: event["stream"] == f"agency-{agency}"
            and pack_assessments.is_assessment(event, months),
        )
    try:
        judge_all(events, register, manifest["subject"]["agencyId"], judge)
    except (
        KeyError,
        IndexError,
        TypeError,
        ValueError,
        AttributeError,
        OverflowError,
        Refused,
        event_format.Refused,
    ) as error:
        raise Refused("decision_differs", repr(error)) from error


# The computation.

DECISIONS = {
    "DeductionRevoked": "revoked",
    "DeductionAdjusted": "adjusted",
    "DeductionReinstated": "reinstated",
}
TIMELINE = {
    *("AgencyAdmitted", "AgencyExited", "AgencyReadmitted", "ReentryApplied"),
    *("DeductionImposed", "DeductionCorrected", *DECISIONS),
    *("AppealInitiated", "AppealEvidenceSubmitted", "AppealWithdrawn", "AppealDecided"),
    *("PendingExpulsionOpened", "PendingExpulsionLifted"),
    *("ExpulsionExecuted", "ExpulsionUnsupported", "ExpulsionRevoked"),
}
SILENT = {
    *("ComplaintFiled", "ComplaintsMerged", "ComplaintUnmerged"),
    *("ReentryApplied", "GrowthPostRecorded", "AssessmentComputed"),
    *("MeasureImposed", "MeasureLifted", "HumanReviewRequested", "HumanReviewAnswered"),
    *("AdditionGranted", "AdditionRevoked"),
}


def present_members(**members):
    return {name: value for name, value in members.items() if value is not None}


class History:
    """What the events of an agency's stream say, each with when it became known."""

    def __init__(self, events):
        self.admissions, self.exits, self.pendings, self.expulsions = [], [], [], []
        self.deductions, self.appeals, self.readmissions, self.observations = {}, {}, [], []
        self.closed = set()
        for event in events:
            require(event["schemaVersion"] == 1, "computation_events", "an unknown schema version")
            self.take(event, event["type"], event["data"], event["recordedAt"])

    def take(self, event, kind, data, recorded):
        effective = event.get("effectiveAt", recorded)
        fact = {"recordedAt": recorded, "effectiveAt": effective, "episode": len(self.admissions)}
        findings = [finding["code"] for finding in data.get("findings", [])]
        said = {"recordedAt": recorded, "findings": findings}
        if kind in ("AgencyAdmitted", "AgencyReadmitted"):
            self.admissions.append(fact)
            if kind == "AgencyReadmitted":
                self.readmissions.append(said)
        elif kind in ("AgencyExited", "PendingExpulsionLifted"):
            if kind == "AgencyExited":
                self.exits.append(fact)
            self.end_pending(fact)
        elif kind == "DeductionImposed":
            self.deductions[data["deductionId"]] = {
                **said,
                "event": event,
                "imposed": self.values(event, effective),
                "corrections": [],
                "decisions": [],
                "appeals": [],
            }
        elif kind == "DeductionCorrected":
            correction = {
                "recordedAt": recorded,
                "revision": event["revision"],
                "values": self.values(event, effective),
            }
            self.deductions[data["deductionId"]]["corrections"].append(correction)
        elif kind in DECISIONS:
            decision = present_members(
                actor=event["actor"],
                appealId=data.get("appealId"),
                kind=DECISIONS[kind],
                points=0 if kind == "DeductionRevoked" else data["points"],
                recordedAt=recorded,
                revision=event["revision"],
                findings=findings,
            )
            self.deductions[data["deductionId"]]["decisions"].append(decision)
        elif kind == "AppealInitiated":
            named = data.get("deductionIds", [])
            initiated = event.get("occurredAt", recorded)
            names = ("kind", "evidenceBy", "initiateBy", "outOfTime", "expulsion")
            kept = {name: data[name] for name in names if name in data}
            appeal = {**kept, **said, "deductionIds": named, "initiatedAt": initiated}
            self.appeals[data["appealId"]] = appeal
            for deduction in appeal["deductionIds"]:
                self.deductions[deduction]["appeals"].append(data["appealId"])
        elif kind == "AppealEvidenceSubmitted":
            submitted = event.get("occurredAt", recorded)
            self.appeals[data["appealId"]]["evidence"] = {**said, "submittedAt": submitted}
        elif kind == "AppealWithdrawn":
            self.appeals[data["appealId"]]["withdrawn"] = said
        elif kind == "AppealDecided":
            decided = {"decidedAt": event.get("decidedAt", recorded), "outcome": data["outcome"]}
            self.appeals[data["appealId"]]["decided"] = {**said, **decided}
        elif kind == "PendingExpulsionOpened":
            said_of = {name: data[name] for name in ("account", "closesAt", "period")}
            self.pendings.append({**fact, **said_of, "ended": None})
        elif kind == "ExpulsionExecuted":
            account = {"id": data["account"], "carryOver": data["carryOver"]}
            self.expulsions.append({**data, **said, **fact, "account": account, "revoked": None})
            self.end_pending(fact)
        elif kind in ("ExpulsionRevoked", "ExpulsionUnsupported"):
            expulsion = self.expulsions[data["expulsion"]]
            if kind == "ExpulsionRevoked":
                expulsion["revoked"] = said
            else:
                expulsion["unsupported"] = True
        elif kind == "PlatformBalanceObserved":
            self.observations.append({**said, "period": data["period"]})
        elif kind == "ComplaintClosed":
            self.closed.add(data["complaintId"])
        else:
            require(kind in SILENT, "computation_events", kind)

    def values(self, event, effective):
        data = event["data"]
        return present_members(
            account=data["account"],
            appealDeadline=data.get("appealDeadline"),
            clause=data["clause"],
            effectiveAt=effective,
            notifiedAt=event.get("notifiedAt"),
            occurredAt=event.get("occurredAt", effective),
            period=data["period"],
            points=data["points"],
            rulebook=event.get("rulebook"),
        )

    def end_pending(self, fact):
        if self.pendings and self.pendings[-1]["ended"] is None:
            self.pendings[-1]["ended"] = fact

    def episode(self, effective, known):
        return sum(
            one["recordedAt"] <= known and one["effectiveAt"] <= effective
            for one in self.admissions
        )


def last_known(facts, known, otherwise):
    return next((fact for fact in reversed(facts) if fact["recordedAt"] <= known), otherwise)


def values_at(deduction, known):
    return last_known(deduction["corrections"], known, {"values": deduction["imposed"]})["values"]


def points_at(deduction, known):
    return last_known(deduction["decisions"], known, values_at(deduction, known))["points"]


def lines_at(history, effective, known, period, account):
    episode = history.episode(effective, known)
    for name, deduction in history.deductions.items():
        if deduction["recordedAt"] > known:
            continue
        values, counts, reason = values_at(deduction, known), points_at(deduction, known), None
        if counts == 0:
            reason = "revoked"
        elif values["effectiveAt"] > effective:
            reason = "scheduled"
        elif episode == 0 or history.episode(values["effectiveAt"], known) != episode:
            reason = "other_episode"
        elif values["period"] != period:
            reason = "cleared_by_reset"
        elif values["account"] != account["id"]:
            reason = "other_account"
        yield name, values, counts, reason


def new_points(history, effective, known, period, account):
    return sum(
        line[2] for line in lines_at(history, effective, known, period, account) if line[3] is None
    )


def carried_over(history, effective, known, period, account):
    rule = account["carryOver"]
    if rule is None:
        return 0
    before = str(int(period) - 1)
    points = new_points(history, effective, known, before, account)
    return rule["as"] if points >= rule["atLeast"] else 0


def sum_at(history, *question):
    return carried_over(history, *question) + new_points(history, *question)


def standing_at(history, effective, known):
    """The standing, the episode, and the expulsion or pending expulsion that makes it so."""
    episode = history.episode(effective, known)
    if episode == 0:
        return "not_admitted", episode, None

    def holds(fact):
        return (
            fact["episode"] == episode
            and fact["recordedAt"] <= known
            and fact["effectiveAt"] <= effective
        )

    for expulsion in reversed(history.expulsions):
        if holds(expulsion) and not (
            expulsion["revoked"] is not None and expulsion["revoked"]["recordedAt"] <= known
        ):
            return "expelled", episode, expulsion
    if any(holds(one) for one in history.exits):
        return "exited", episode, None
    for pending in history.pendings:
        end = pending["ended"]
        if holds(pending) and not (
            end and end["recordedAt"] <= known and end["effectiveAt"] <= effective
        ):
            return "pending_expulsion", episode, pending
    return "active", episode, None


def state_at(appeal, known):
    def is_known(act):
        return act in appeal and appeal[act]["recordedAt"] <= known

    if is_known("decided"):
        return appeal["decided"]["outcome"]
    if is_known("withdrawn"):
        return "withdrawn"
    if appeal["outOfTime"]:
        return "out_of_time"
    if is_known("evidence"):
        return "evidence_submitted"
    return "lapsed" if known >= appeal["evidenceBy"] else "initiated"


def is_contested(history, name, known):
    appeals = [history.appeals[appeal] for appeal in history.deductions[name]["appeals"]]
    return any(
        appeal["recordedAt"] <= known
        and state_at(appeal, known) in ("initiated", "evidence_submitted")
        for appeal in appeals
    )


def findings_at(history, known, periods):
    def touches(name):
        return (
            name in history.deductions
            and values_at(history.deductions[name], known)["period"] in periods
        )

    said = []
    for name, deduction in history.deductions.items():
        if touches(name):
            said += [deduction, *deduction["decisions"]]
    for appeal in history.appeals.values():
        named = history.expulsions[appeal["expulsion"]]["period"] if "expulsion" in appeal else None
        if named in periods or any(touches(name) for name in appeal["deductionIds"]):
            said += [appeal, *([appeal["decided"]] if "decided" in appeal else [])]
    for expulsion in history.expulsions:
        if expulsion["period"] in periods:
            said += [expulsion, *([expulsion["revoked"]] if expulsion["revoked"] else [])]
    said += history.readmissions
    said += [one for one in history.observations if one["period"] in periods]
    known_then = sorted(
        (one for one in said if one["recordedAt"] <= known), key=lambda one: one["recordedAt"]
    )
    return list(dict.fromkeys(code for one in known_then for code in one["findings"]))


def in_force_at(register, effective, known):
    shipped, published = (
        [rulebook for rulebook in register if rulebook["event"]["type"] == kind]
        for kind in ("RulebookShipped", "RulebookPublished")
    )
    published = [one for one in published if one["event"]["recordedAt"] <= known]
    candidates = published or shipped
    require(candidates, "computation_events", "no rulebook is known")
    candidates = sorted(candidates, key=lambda rulebook: rulebook["effectiveFrom"])
    return next((r for r in reversed(candidates) if r["effectiveFrom"] <= effective), candidates[0])


def account_of(rulebook, name):
    found = [account for account in rulebook["document"]["accounts"] if account["id"] == name]
    require(found, "computation_events", "no such account")
    return found[0]


def scale_assumptions(account):
    """What the account's scale and terms assume: start, cap, reset, expels, and each term."""
    name, scale = account["id"], account.get("scale", {})
    of = [(f"{name}.{each}", scale.get(each)) for each in ("start", "cap", "reset")]
    of.append((f"{name}.expels", account.get("expels")))
    for node in account["nodes"]:
        of.append((f"{name}.{node['points']}.termDays", node.get("termDays")))
    said = [(each, one["value"]) for each, one in of if one is not None and one["assumed"]]
    return [f"{each}={json.dumps(value).strip(chr(34))}" for each, value in said]


def balance_at(history, register, manifest, known):
    effective, period = manifest["effectiveAt"], manifest["period"]
    rulebook = in_force_at(register, effective, known)
    account = account_of(rulebook, manifest["account"])
    parameters = rulebook["document"]["parameters"]
    carried = running = carried_over(history, effective, known, period, account)
    counted, not_counted = [], []
    lines = lines_at(history, effective, known, period, account)
    lines = sorted(lines, key=lambda line: (line[1]["effectiveAt"], line[0]))
    for name, values, counts, reason in lines:
        if reason is not None:
            not_counted.append({"deductionId": name, "reason": reason})
            continue
        running += counts
        line = {
            "counts": counts,
            "deductionId": name,
            "effectiveAt": values["effectiveAt"],
            "points": values["points"],
        }
        counted.append({**line, "running": running})
    contested = sum(
        line["counts"] for line in counted if is_contested(history, line["deductionId"], known)
    )
    standing, episode, why = standing_at(history, effective, known)
    assumed, expulsion, pending = ["attribution"], None, None
    if standing == "expelled":
        assumed += ["banDays", "banCount"]
        support = sum_at(history, why["effectiveAt"], known, why["period"], why["account"])
        expulsion = {"effectiveAt": why["effectiveAt"], "reentryFrom": why["reentryFrom"]}
        expulsion["supported"] = support >= why["threshold"]
    if standing == "pending_expulsion":
        assumed += ["lastChanceDays"]
        pending = {
            "closesAt": why["closesAt"],
            "openedAt": why["effectiveAt"],
            "period": why["period"],
        }
    return {
        "account": account["id"],
        "assumptions": [
            f"{name}={parameters[name]['value']}" for name in assumed if parameters[name]["assumed"]
        ]
        + scale_assumptions(account),
        "balance": running,
        "carriedOver": carried,
        "contested": contested,
        "effectiveAt": effective,
        "episode": episode,
        "expulsion": expulsion,
        "findings": findings_at(history, known, {period, *([why["period"]] if why else [])}),
        "ifUpheld": running - contested,
        "knownAt": known,
        "lines": counted,
        "nodesReached": [node["points"] for node in account["nodes"] if node["points"] <= running],
        "notCounted": not_counted,
        "pending": pending,
        "rulebook": rulebook["reference"],
        "standing": standing,
        "threshold": account["threshold"],
    }


def detail_of(history, deduction, known):
    event = deduction["event"]
    data, values = event["data"], values_at(deduction, known)
    appeals = [(name, history.appeals[name]) for name in deduction["appeals"]]
    return present_members(
        actor=event["actor"],
        appeals=[
            {"appealId": name, "kind": one["kind"], "state": state_at(one, known)}
            for name, one in appeals
        ],
        basis=data.get("basis"),
        corrections=[
            {"recordedAt": one["recordedAt"], "revision": one["revision"]}
            for one in deduction["corrections"]
        ],
        creatorId=data.get("creatorId"),
        decisions=[
            {name: value for name, value in decision.items() if name != "findings"}
            for decision in deduction["decisions"]
        ],
        deductionId=data["deductionId"],
        eventId=event["id"],
        findings=deduction["findings"],
        noticeSha256=data.get("noticeSha256"),
        recordedAt=event["recordedAt"],
        revision=event["revision"],
        **{n: value for n, value in values.items() if n not in ("account", "appealDeadline")},
    )


def clauses_of(details, register):
    found = {}
    clauses = {}
    for rulebook in reversed(register):
        clauses[rulebook["reference"]["sha256"]] = rulebook["document"]["clauses"]
    for detail in details:
        reference = detail.get("rulebook")
        if reference is None:
            continue
        named = (c for c in clauses.get(reference["sha256"], []) if c["id"] == detail["clause"])
        clause = next(named, None)
        if clause is not None:
            found[f"{reference['sha256']} {clause['id']}"] = {
                **reference,
                "clause": clause["id"],
                **{name: clause[name] for name in ("points", "text", "title")},
            }
    return [clause for _, clause in sorted(found.items())]


def rulebooks_of(events, in_force, register):
    shipped = {
        one["reference"]["sha256"] for one in register if one["event"]["type"] == "RulebookShipped"
    }
    named = {in_force["sha256"], *(event.get("rulebook", {}).get("sha256") for event in events)}
    known = {one["reference"]["sha256"]: one for one in register}
    rows = []
    for digest, rulebook in known.items():
        if digest not in named:
            continue
        effective, recorded = rulebook["effectiveFrom"], rulebook["event"]["recordedAt"]
        retroactive, findings = [], []
        if digest in shipped:
            recorded = None
        else:
            for event in events:
                at = event.get("occurredAt", event.get("effectiveAt"))
                judged = event.get("rulebook", {}).get("sha256") == digest
                if judged and at is not None and recorded > at:
                    retroactive.append(event["revision"])
            findings += ["rulebook_late"] if recorded > effective else []
            findings += ["retroactive_rulebook"] if retroactive else []
        rows.append(
            {
                **rulebook["reference"],
                "effectiveFrom": effective,
                "findings": findings,
                "recordedAt": recorded,
                "retroactive": retroactive,
            }
        )
    return sorted(rows, key=lambda row: (row["effectiveFrom"], row["sha256"]))


def appeal_of(history, name, then, now):
    require(name in history.appeals, "computation_events", "no such appeal")
    appeal = history.appeals[name]
    states = {
        name: state_at(appeal, at) if appeal["recordedAt"] <= at else None
        for name, at in (("then", then), ("now", now))
    }
    known = present_members(
        appealId=name,
        decidedAt=appeal.get("decided", {}).get("decidedAt"),
        deductionIds=appeal["deductionIds"],
        evidenceBy=appeal["evidenceBy"],
        evidenceSubmittedAt=appeal.get("evidence", {}).get("submittedAt"),
        expulsion=appeal.get("expulsion"),
        initiateBy=appeal["initiateBy"],
        initiatedAt=appeal["initiatedAt"],
        kind=appeal["kind"],
        recordedAt=appeal["recordedAt"],
    )
    return {**known, **states}


def computed(streams, register, manifest, checkpoint):
    then, now, subject = manifest["knownAt"], checkpoint["signedAt"], manifest["subject"]
    for chain in streams.values():
        require(
            chain[-1]["event"]["recordedAt"] <= now,
            "computation_events",
            "recorded after the checkpoint",
        )
    events = [packed["event"] for packed in streams.get(f"agency-{subject['agencyId']}", [])]
    check_foldable(events, register)
    zone = streams["ledger"][0]["event"]["data"].get("zone")
    require(isinstance(zone, str), "computation_events", "no time zone")
    history = History(events)

    def is_known(at):
        return any(admission["recordedAt"] <= at for admission in history.admissions)

    require(is_known(now), "computation_events", "no such agency")
    terms = account_of(in_force_at(register, manifest["effectiveAt"], now), manifest["account"])
    details = []
    for _, deduction in sorted(history.deductions.items()):
        values = [values_at(deduction, at) for at in (then, now) if deduction["recordedAt"] <= at]
        if any(
            (one["period"], one["account"]) == (manifest["period"], manifest["account"])
            for one in values
        ):
            details.append(detail_of(history, deduction, now))
    timeline = []
    for event in events:
        if event["type"] in TIMELINE:
            at = event["recordedAt"]
            names = [name for name in ("deductionId", "appealId") if name in event["data"]]
            about = {"about": {names[0]: event["data"][names[0]]}} if names else {}
            entry = {
                "balance": sum_at(history, at, at, manifest["period"], terms),
                "recordedAt": at,
                "revision": event["revision"],
                "standing": standing_at(history, at, at)[0],
                "type": event["type"],
            }
            timeline.append({**entry, **about})
    appeal = {}
    if "appealId" in subject:
        appeal["appeal"] = appeal_of(history, subject["appealId"], then, now)
    balance = balance_at(history, register, manifest, now)

    def zone_of():
        try:
            return zoneinfo.ZoneInfo(zone)
        except (KeyError, ValueError, OSError) as error:
            raise Refused("computation_events", repr(error)) from error

    months = manifest.get("assessments", [])
    assessments = pack_assessments.assessed_months(
        streams, register, subject["agencyId"], months, zone_of
    )
    return {
        "account": manifest["account"],
        "agencyId": subject["agencyId"],
        **appeal,
        **present_members(assessments=assessments),
        "clauses": clauses_of(details, register),
        "deductions": details,
        "effectiveAt": manifest["effectiveAt"],
        "now": balance,
        "period": manifest["period"],
        "rulebooks": rulebooks_of(events, balance["rulebook"], register),
        **present_members(simulation=manifest.get("simulation")),
        "then": balance_at(history, register, manifest, then) if is_known(then) else None,
        "timeline": timeline,
        "zone": zone,
    }


def check_computation(data, *given):
    try:
        answers = computed(*given)
        text = canonical(answers)
    except (
        KeyError,
        IndexError,
        TypeError,
        ValueError,
        AttributeError,
        event_format.Refused,
    ) as error:
        raise Refused("computation_events", repr(error)) from error
    require(text.encode() == data, "computation_differs")
    return answers


def check_statement(files, manifest):
    page = text_of(files["statement.html"]) or ""
    before, start, rest = page.partition('<script type="application/json" id="pack">')
    data, end, after = rest.partition("</script>")
    require(start and end, "statement_page")
    require(sha256((before + start + end + after).encode()) in PAGES, "statement_page")
    names = [name for name in files if name.startswith("attachments/")]
    members = {
        "attachments": canonical([name[len("attachments/"):] for name in names]),
        "checkpoint": canonical(text_of(files["checkpoint.txt"]) or ""),
        "computation": text_of(files["computation.json"]) or "",
        "disclosed": text_of(files["disclosed.json"]) or "" if "disclosed.json" in files else None,
        "events": "[" + (text_of(files["events.ndjson"]) or "")[:-1].replace("\n", ",") + "]",
        "fileNames": canonical(manifest["fileNames"]) if "fileNames" in manifest else None,
        "knownAt": canonical(manifest["knownAt"]),
        "ledgerId": canonical(manifest["ledgerId"]),
        "redacted": canonical(manifest["redacted"]),
    }
    quoted = [f'"{name}":{text}' for name, text in members.items() if text is not None]
    expected = "{" + ",".join(quoted) + "}"
    require(data == expected.replace("<", "\\u003c"), "statement_data")


# The steps.


def verify(data, keys, checkpoints=(), receipts=()):
    """Every step in order: (step, "holds", "fails" or "unchecked", problem)."""
    return examined(data, keys, checkpoints, receipts)[0]


def examined(data, keys, checkpoints=(), receipts=()):
    """The steps as verify gives them, and by step what those that hold came to."""
    steps, done = [], {}
    keys = followed_keys(keys, receipts)

    def take(step, needs, check):
        try:
            if any(need not in done for need in needs):
                raise Unchecked
            done[step] = check()
            steps.append((step, "holds", None))
        except Unchecked:
            steps.append((step, "unchecked", None))
        except Refused as refused:
            steps.append((step, "fails", refused.problem))
        except Exception:  # An error of the verifier itself: it showed nothing, so nothing holds.
            steps.append((step, "fails", "unforeseen"))

    def of(step):
        return done[step]

    def file(name):
        return done["files"].get(name)

    def withheld():
        return withheld_from_others(of("chains"), of("manifest"))

    take("zip", [], lambda: read_zip(data))
    take("manifest", ["zip"], lambda: read_manifest(of("zip")[0][2]))
    take("files", ["manifest"], lambda: check_files(of("zip"), of("manifest")))
    take(
        "signature",
        ["files"],
        lambda: check_signature(
            file("signature.txt"), keys, of("zip")[0][2], of("manifest")
        ),
    )
    take(
        "checkpoint",
        ["files"],
        lambda: checked_checkpoint(
            file("checkpoint.txt"), keys, of("manifest"), done.get("signature")
        ),
    )
    take("events", ["files"], lambda: read_events(file("events.ndjson")))
    take("proofs", ["files"], lambda: read_proofs(file("proofs.json"), file("events.ndjson")))
    take("chains", ["events"], lambda: check_chains(of("events"), of("manifest")))
    take("rulebooks", ["chains"], lambda: check_rulebooks(of("chains")))
    take(
        "inclusion",
        ["checkpoint", "events", "proofs"],
        lambda: check_inclusion(of("events"), of("checkpoint"), of("proofs")),
    )
    take(
        "completeness",
        ["checkpoint", "proofs", "chains"],
        lambda: check_completeness(of("chains"), of("manifest"), of("proofs"), of("checkpoint")),
    )
    take(
        "consistency",
        ["checkpoint", "proofs"],
        lambda: check_held(checkpoints, receipts, keys, of("checkpoint"), of("proofs")),
    )
    take(
        "receipts",
        ["checkpoint", "chains"],
        lambda: check_receipts(receipts, keys, of("checkpoint"), of("chains")),
    )
    take(
        "attachments", ["chains"], lambda: check_attachments(of("files"), of("chains"), withheld())
    )
    take(
        "disclosure",
        ["chains"],
        lambda: check_disclosure(file("disclosed.json"), of("events"), withheld()),
    )
    take(
        "decisions",
        ["rulebooks"],
        lambda: check_decisions(of("events"), of("chains"), of("rulebooks"), of("manifest")),
    )
    take(
        "computation",
        ["checkpoint", "rulebooks"],
        lambda: check_computation(
            file("computation.json"),
            of("chains"),
            of("rulebooks"),
            of("manifest"),
            of("checkpoint"),
        ),
    )
    take("statement", ["files"], lambda: check_statement(of("files"), of("manifest")))
    return steps, done


# What a verifier names, and what it did not check.


def verified(done):
    """The facts that a pack that holds was verified for."""
    manifest, checkpoint, answers = done["manifest"], done["checkpoint"], done["computation"]
    subject, then, now = manifest["subject"], answers["then"], answers["now"]
    agency = subject["agencyId"]
    about = f"机构 agency {agency}"
    if "appealId" in subject:
        about += f", 申诉 appeal {subject['appealId']}"
    known = "当时尚未记录该机构 the agency was not recorded yet"
    return [
        ("账本 ledger", manifest["ledgerId"]),
        ("对象 subject", about),
        ("年度 period", f"{manifest['period']}, 计分账户 account {manifest['account']}"),
        ("所问时点 as it stood at", manifest["effectiveAt"]),
        ("所知时点 as known at", manifest["knownAt"]),
        ("按当时所知 balance then", known if then is None else then["balance"]),
        ("按现在所知 balance now", now["balance"]),
        ("密钥指纹 key fingerprint", ", ".join(done["signature"])),
        (
            "检查点 checkpoint",
            f"{checkpoint['origin']}, 事件数 events {checkpoint['size']}, "
            f"签署于 signed at {checkpoint['signedAt']}",
        ),
        ("树根 root", checkpoint["root"]),
    ]


NOT_DECIDED = (
    "场次不在证据包中的月度考核、投诉、处置措施、加分、人工判定与平台显示积分，以及三项发现 "
    "assessments whose sessions are not in the pack, complaints, measures, additions, reviews, "
    "balances the platform showed, and the findings same_actor, appeal_worsened, "
    "assessment_disagrees"
)
NOT_COUNTED = (
    "月度考核是否遗漏了达人，或遗漏了记在其他机构名下的场次 "
    "whether an assessment left out a creator, or a session recorded for another agency"
)
NOT_PRINTED = (
    "statement.pdf：账本签署的文件，本程序不能重新排印 "
    "statement.pdf: it is the issuer's word, signed; this program cannot print it anew"
)
NOT_COMPARED = (
    "账本向所有人出示的历史是否相同：未提供检查点或回执 "
    "whether the ledger shows everybody the same history: no checkpoint or receipt was given"
)
WITHOUT_KEY = (
    "未给出公钥：请通过证据包以外的渠道向账本的运营方索取（ledger keys），再用 --key 给出 "
    "no key: ask the ledger's operator for it by another way than the pack (ledger keys), and give "
    "it with --key"
)


def not_checked(done, held):
    listed = [NOT_DECIDED]
    if "assessments" in done.get("manifest", {}):
        listed.append(NOT_COUNTED)
    if "statement.pdf" in done.get("files", {}):
        listed.append(NOT_PRINTED)
    if not held:
        listed.append(NOT_COMPARED)
    return listed


def nothing_to_check(done, checkpoints, receipts):
    """The steps that had nothing to look at, and so are not said to hold."""
    files = done.get("files", {})
    empty = {
        "consistency": not checkpoints and not receipts,
        "receipts": not receipts,
        "attachments": not any(name.startswith("attachments/") for name in files),
        "disclosure": "disclosed.json" not in files,
    }
    return {step for step, is_empty in empty.items() if is_empty}


def report(data, keys, checkpoints, receipts):
    """Prints a verification for people; true when it holds in all that was checked."""
    steps, done = examined(data, keys, checkpoints, receipts)
    empty = nothing_to_check(done, checkpoints, receipts)
    for step, result, problem in steps:
        is_empty = result == "holds" and step in empty
        print(step, "nothing to check" if is_empty else result, problem or "")
    holds = all(result == "holds" for _, result, _ in steps)
    if holds:
        print("\n所核验的内容 Verified")
        for label, value in verified(done):
            print(f"  {label}: {value}")
    print("\n未检查 Not checked")
    for what in not_checked(done, [*checkpoints, *receipts]):
        print(f"  - {what}")
    print()
    if holds:
        print("已检查的各项均成立 it holds in all that was checked")
    else:
        print("不成立 it does not hold")
    return holds


def vector_checks():
    expected = json.loads((VECTORS / "expected.json").read_text(encoding="utf-8"))
    for vector in expected["packs"]:
        data = (VECTORS / vector["file"]).read_bytes()
        held = [
            [text.encode() for text in vector.get(what, [])] for what in ("checkpoints", "receipts")
        ]
        found = {
            step: problem
            for step, result, problem in verify(data, expected["keys"], *held)
            if result == "fails"
        }
        yield vector["file"], vector["fails"], found


def each_pack(given):
    while length := given.read(4):
        yield given.read(int.from_bytes(length, "big"))


def written(steps):
    names = ("step", "result", "problem")
    return json.dumps([present_members(**dict(zip(names, step))) for step in steps])


def main():
    parser = argparse.ArgumentParser(description="Verifies an evidence pack offline.")
    parser.add_argument("pack", nargs="?")
    count_help = "counts the packs of which a step does not hold"
    parser.add_argument("--all", nargs="+", metavar="PACK", help=count_help)
    for option in ("--key", "--checkpoint", "--receipt"):
        parser.add_argument(option, action="append", default=[])
    parser.add_argument("--vectors", action="store_true")
    parser.add_argument("--each", action="store_true")
    flip_help = "flips a bit of every EVERYth byte; each must be found"
    parser.add_argument("--mutations", type=int, metavar="EVERY", help=flip_help)
    given = parser.parse_args()
    if given.vectors:
        results = list(vector_checks())
        failed = [(what, expected, found) for what, expected, found in results if expected != found]
        for what, expected, found in failed:
            print(f"{what}: expected {expected!r}, found {found!r}")
        print(f"{len(results)} checks, {len(failed)} failed")
        return 1 if failed else 0
    if given.each:
        for data in each_pack(sys.stdin.buffer):
            print(written(verify(data, given.key)))
        return 0
    if given.all:
        packs = [pathlib.Path(path).read_bytes() for path in given.all]
        bad = sum(
            any(result != "holds" for _, result, _ in verify(data, given.key)) for data in packs
        )
        print(f"{len(packs)} packs, {bad} do not hold")
        return 1 if bad else 0
    read = [
        [pathlib.Path(path).read_bytes() for path in paths]
        for paths in (given.checkpoint, given.receipt)
    ]
    data = pathlib.Path(given.pack).read_bytes()
    if given.mutations:
        places = range(0, len(data), given.mutations)
        altered = (data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :] for at in places)
        missed = sum(
            all(result == "holds" for _, result, _ in verify(one, given.key)) for one in altered
        )
        print(f"{len(places)} changed bytes, {missed} not found")
        return 1 if missed else 0
    if not given.key:
        print(WITHOUT_KEY, file=sys.stderr)
        return 2
    return 0 if report(data, given.key, *read) else 1


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    sys.stderr.reconfigure(encoding="utf-8")
    sys.exit(main())
