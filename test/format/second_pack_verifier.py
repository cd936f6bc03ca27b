#!/usr/bin/env python3
"""Verifies evidence packs from docs/spec/evidence-pack.md alone, and computes their answers anew.

It uses only Python's standard library and shares no code with the ledger. The readers beside it
check events, Ed25519 and proofs, each from its own specification.

    second_pack_verifier.py PACK --key KEY [--checkpoint FILE] [--receipt FILE]
        prints for each step whether it holds; the exit code is 1 if one does not
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

import second_reader as event_format
from second_log_reader import (
    Refused,
    check_absence,
    check_consistency,
    check_head,
    check_receipt,
    node_hash,
    open_checkpoint,
    open_note,
    parse_receipt,
)

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors" / "evidence-pack"
SPECIFICATION = VECTORS.parents[2] / "docs" / "spec" / "evidence-pack.md"
PAGE_ROW = re.compile(r"^\| [0-9]+ \| `([0-9a-f]{64})` \|$", re.M)
PAGES = set(PAGE_ROW.findall(SPECIFICATION.read_text(encoding="utf-8")))
MAX_BYTES, MAX_DEFLATED, MAX_ENTRIES = 268435456, 67108864, 1000
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
    require(text is not None and event_format.is_canonical(text), problem, "not canonical JSON")
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
    require(length <= (MAX_BYTES if is_stored(name) else MAX_DEFLATED), "zip_size", name)
    require(start + packed_length <= len(data), "zip_header", "cut off")
    packed = data[start : start + packed_length]
    content = packed if is_stored(name) else inflate(packed, length)
    require(len(content) == length, "zip_data", name)
    require(zlib.crc32(content) == crc, "zip_crc", name)
    require(data[at:start] == local_header(name, packed, content), "zip_header", name)
    return name, packed, content


def read_zip(data):
    require(len(data) <= MAX_BYTES, "zip_size")
    entries, at = [], 0
    while data[at : at + 4] == b"PK\3\4":
        entries.append(entry_at(data, at, entries))
        require(sum(len(content) for _, _, content in entries) <= MAX_BYTES, "zip_size")
        require(len(entries) <= MAX_ENTRIES, "zip_size")
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
    {"simulation": lambda value: value is True},
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
    return True


def checked_checkpoint(data, keys, manifest):
    checkpoint, _ = open_checkpoint(data, keys)
    require(checkpoint["origin"] == manifest["origin"], "origin")
    require(manifest["knownAt"] <= checkpoint["signedAt"], "signed_before")
    return checkpoint


# Events, chains, rulebooks.


def read_events(data):
    text = text_of(data)
    require(text is not None and text.endswith("\n"), "events_form")
    events = []
    for body in text[:-1].split("\n"):
        require(event_format.is_canonical(body), "event_bytes")
        event = event_format.parse(body)
        require(event_format.is_envelope(event), "event_envelope")
        events.append({"event": event, "body": body, "leafHash": event_format.leaf_hash(body)})
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
        require(allowed, "stream", stream)
        streams.setdefault(stream, []).append(packed)
    require(len(streams["ledger"]) == 1, "opening")
    for stream, chain in streams.items():
        found = event_format.verify(manifest["ledgerId"], stream, chain)
        require(found is None, found and found[1], stream)
    simulation = opening["data"].get("simulation") is True
    require(simulation == ("simulation" in manifest), "opening")
    return streams


def instant_of(text):
    """The instant an RFC 3339 text means, in the spelling of events."""
    moment = datetime.datetime.fromisoformat(text.upper().replace("Z", "+00:00"))
    moment = moment.astimezone(datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def check_rulebooks(streams):
    chain, register = streams.get("rulebooks", []), []
    require(chain, "rulebook_missing")
    for packed in chain:
        event = packed["event"]
        try:
            document = event["data"]["document"]
            if event["type"] == "CalendarPublished":
                good = event["data"]["sha256"] == sha256(canonical(document).encode())
                require(good and event.get("rulebook") is None, "rulebook_hash")
                continue
            reference = {"id": document["id"], "rulebookVersion": document["rulebookVersion"]}
            reference["sha256"] = sha256(canonical(document).encode())
            good = event["data"]["sha256"] == reference["sha256"]
            good = good and event.get("rulebook") == reference
            good = good and event["type"] in ("RulebookShipped", "RulebookPublished")
            effective_from = instant_of(document["effectiveFrom"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Refused("rulebook_hash", "no rulebook") from error
        require(good, "rulebook_hash")
        register.append(
            {
                "document": document,
                "reference": reference,
                "effectiveFrom": effective_from,
                "event": event,
            }
        )
    known = [rulebook["reference"] for rulebook in register]
    for packed in (packed for chain in streams.values() for packed in chain):
        require(packed["event"].get("rulebook") in [None, *known], "rulebook_unknown")
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
    absent = {f"evidence-{item['evidenceId']}" for item in submitted} - present
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
        if chain is not None:
            at = named["revision"]
            require(at < len(chain) and chain[at]["leafHash"] == named["leafHash"], "event")
            require(chain[at]["event"]["id"] == named["id"], "event")


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
    last = (-1, "")
    for one in disclosed:
        place = places.get(one["id"], -1)
        texts = events[place]["event"].get("personal", []) if place >= 0 else []
        sealed = next((text for text in texts if text["text"] == one["text"]), None)
        require(sealed is not None and (place, one["text"]) > last, "disclosure_event")
        event = events[place]["event"]
        named = ("recordedAt", "revision", "stream", "type")
        require(all(one[name] == event[name] for name in named), "disclosure_event")
        opened = event_format.open_text(sealed, one["id"], one["key"])
        require(opened == one["value"], "disclosure_text")
        require(one["id"] not in withheld[0], "redaction")
        last = (place, one["text"])


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
    *("ComplaintFiled", "ComplaintClosed", "ComplaintsMerged", "ComplaintUnmerged"),
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
            appeal = {**data, **said, "deductionIds": named, "initiatedAt": initiated}
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
            self.pendings.append(
                {**fact, "closesAt": data["closesAt"], "period": data["period"], "ended": None}
            )
        elif kind == "ExpulsionExecuted":
            account = {"id": data["account"], "carryOver": data["carryOver"]}
            self.expulsions.append({**data, **said, **fact, "account": account, "revoked": None})
            self.end_pending(fact)
        elif kind in ("ExpulsionRevoked", "ExpulsionUnsupported"):
            expulsion = self.expulsions[data["expulsion"]]
            if kind == "ExpulsionRevoked":
                expulsion["revoked"] = said
        elif kind == "PlatformBalanceObserved":
            self.observations.append({**said, "period": data["period"]})
        else:
            require(kind in SILENT, "computation_events", kind)

    def values(self, event, effective):
        data = event["data"]
        return present_members(
            account=data["account"],
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
        **{name: value for name, value in values.items() if name != "account"},
    )


def clauses_of(details, register):
    found = {}
    for detail in details:
        reference = detail.get("rulebook")
        for rulebook in register:
            if reference is not None and rulebook["reference"]["sha256"] == reference["sha256"]:
                for clause in rulebook["document"]["clauses"]:
                    if clause["id"] == detail["clause"]:
                        kept = {name: clause[name] for name in ("points", "text", "title")}
                        found[f"{reference['sha256']} {clause['id']}"] = {
                            **reference,
                            "clause": clause["id"],
                            **kept,
                        }
                break
    return [clause for _, clause in sorted(found.items())]


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
    return {
        "account": manifest["account"],
        "agencyId": subject["agencyId"],
        **appeal,
        "clauses": clauses_of(details, register),
        "deductions": details,
        "effectiveAt": manifest["effectiveAt"],
        "now": balance_at(history, register, manifest, now),
        "period": manifest["period"],
        **present_members(simulation=manifest.get("simulation")),
        "then": balance_at(history, register, manifest, then) if is_known(then) else None,
        "timeline": timeline,
        "zone": streams["ledger"][0]["event"]["data"]["zone"],
    }


def check_computation(data, *given):
    try:
        text = canonical(computed(*given))
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


def check_statement(files):
    page = text_of(files["statement.html"]) or ""
    before, start, rest = page.partition('<script type="application/json" id="pack">')
    data, end, after = rest.partition("</script>")
    require(start and end, "statement_page")
    require(sha256((before + start + end + after).encode()) in PAGES, "statement_page")
    note = canonical(text_of(files["checkpoint.txt"]) or "")
    expected = f'{{"checkpoint":{note},"computation":{text_of(files["computation.json"])}'
    if "disclosed.json" in files:
        expected += f',"disclosed":{text_of(files["disclosed.json"])}'
    require(data == (expected + "}").replace("<", "\\u003c"), "statement_data")


# The steps.


def verify(data, keys, checkpoints=(), receipts=()):
    """Every step in order: (step, "holds", "fails" or "unchecked", problem)."""
    steps, done = [], {}

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
        lambda: checked_checkpoint(file("checkpoint.txt"), keys, of("manifest")),
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
    take("statement", ["files"], lambda: check_statement(of("files")))
    return steps


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


def main():
    parser = argparse.ArgumentParser(description="Verifies an evidence pack offline.")
    parser.add_argument("pack", nargs="?")
    count_help = "counts the packs of which a step does not hold"
    parser.add_argument("--all", nargs="+", metavar="PACK", help=count_help)
    for option in ("--key", "--checkpoint", "--receipt"):
        parser.add_argument(option, action="append", default=[])
    parser.add_argument("--vectors", action="store_true")
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
    steps = verify(data, given.key, *read)
    for step, result, problem in steps:
        print(step, result, problem or "")
    if b"statement.pdf" in data:
        print("pdf not compared: it is the issuer's word")
    return 0 if all(result == "holds" for _, result, _ in steps) else 1


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main())
