"""Assessments counted again from sessions and bindings (docs/spec/evidence-pack.md)."""

import datetime
import hashlib
import re

import pack_forms
from second_log_reader import Refused
from second_reader import ID, canonical, is_instant, obj

END = "9999-12-31T23:59:59.999Z"
MAX_WORK = 1000000

any_value = pack_forms.anything
VALUES = {
    **dict.fromkeys(("agencyId", "creatorId", "sessionId"), ID),
    **dict.fromkeys(("endedAt", "startedAt"), is_instant),
}
MEASURED = dict.fromkeys("contentVertical findings newFollowers sales views".split(), any_value)
BINDING, RIGHT = obj({"agencyId": ID, "creatorId": ID}), obj({"creatorId": ID})
FORMS = {
    "session": {
        "SessionRecorded": obj(VALUES, MEASURED),
        "SessionCorrected": obj({**VALUES, "corrected": any_value}, MEASURED),
        "SessionVoided": obj({"agencyId": ID, "sessionId": ID}),
    },
    "creator": {
        "CreatorBound": BINDING,
        "CreatorUnbound": BINDING,
        "ExposureRightGranted": RIGHT,
        "ExposureRightWithdrawn": RIGHT,
    },
}
TERMS = (
    "activityMinEffectiveSessions",
    "activityRate",
    "effectiveSessionMinutes",
    "headcountMin",
    "newcomerDays",
)


def require(holds, problem, why):
    if not holds:
        raise Refused(problem, why)


def kind_of(stream, agency):
    """The kind of a stream that assessments of the agency rest on, or None."""
    if re.fullmatch("creator-.+", stream):
        return "creator"
    prefix = f"session-{agency}-"
    month = stream.startswith(prefix) and re.fullmatch("[0-9]{4}-[0-9]{2}", stream[len(prefix) :])
    return "session" if month else None


def is_assessment(event, months):
    month = event["data"].get("month")
    known = isinstance(month, str) and month in months
    return event["type"] == "AssessmentComputed" and known


def follows(event, creators):
    """Whether an event of a session can follow what was recorded of it."""
    data, kind = event["data"], event["type"]
    if kind == "SessionVoided":
        return data["sessionId"] in creators
    if data["startedAt"] >= data["endedAt"]:
        return False
    if kind == "SessionRecorded":
        return data["sessionId"] not in creators
    return creators.get(data["sessionId"]) == data["creatorId"]


def check_chain(stream, chain, kind):
    creators, last = {}, ""
    for event in (packed["event"] for packed in chain):
        form = FORMS[kind].get(event["type"])
        fits = event["schemaVersion"] == 1 and form is not None and form(event["data"])
        require(fits, "computation_events", f"data of another form: {event['type']}")
        effective = event.get("effectiveAt", "")
        if kind == "session":
            is_next = follows(event, creators)
        else:
            named = stream == f"creator-{event['data']['creatorId']}"
            is_next = named and effective != "" and effective >= last
        require(is_next, "computation_events", f"{event['type']} of {stream}")
        last = effective
        if event["type"] == "SessionRecorded":
            creators[event["data"]["sessionId"]] = event["data"]["creatorId"]


def check_countable(streams, agency, months):
    """Sessions and bindings can be counted, and it is not too much work."""
    if not months:
        return
    count = 0
    for stream, chain in streams.items():
        kind = kind_of(stream, agency)
        if kind is not None:
            count += len(chain)
            check_chain(stream, chain, kind)
    own = [packed["event"] for packed in streams.get(f"agency-{agency}", [])]
    for month in months:
        there = any(is_assessment(event, [month]) for event in own)
        require(there, "computation_events", f"no assessment of {month}")
    assessments = sum(is_assessment(event, months) for event in own)
    require(assessments * count <= MAX_WORK, "computation_size", "too much to count")


class Basis:
    """What is known of creators and their sessions."""

    def __init__(self):
        self.creators, self.sessions = {}, {}

    def add(self, event):
        data, kind, stream = event["data"], event["type"], event["stream"]
        if stream.startswith("creator-"):
            known = self.creators.setdefault(data["creatorId"], ([], []))
            if kind in ("CreatorBound", "CreatorUnbound"):
                agency = data["agencyId"] if kind == "CreatorBound" else None
                known[0].append((event["effectiveAt"], agency))
            else:
                known[1].append((event["effectiveAt"], kind == "ExposureRightGranted"))
        elif stream.startswith("session-"):
            name = data["sessionId"]
            before = self.sessions.get(name, {"corrections": -1, "void": False})
            if kind == "SessionVoided":
                self.sessions[name] = {**before, "void": True}
            else:
                values = {
                    member: data[member]
                    for member in ("creatorId", "endedAt", "sessionId", "startedAt")
                }
                number = before["corrections"] + 1
                self.sessions[name] = {**before, **values, "corrections": number}

    def known(self):
        found = {
            name: (list(bindings), list(rights), [])
            for name, (bindings, rights) in self.creators.items()
        }
        for session in self.sessions.values():
            if not session["void"] and session["creatorId"] in found:
                found[session["creatorId"]][2].append(session)
        return found


def bases_of(events, wanted):
    """By the id of each assessment wanted, what was recorded before it."""
    basis, found = Basis(), {}
    for event in events:
        basis.add(event)
        if wanted(event):
            found[event["id"]] = basis.known()
    return found


def month_start(zone, month, later=0):
    year, number = (int(part) for part in month.split("-"))
    years, number = divmod(number - 1 + later, 12)
    start = datetime.datetime(year + years, number + 1, 1, tzinfo=zone)
    return pack_forms.instant_of(start.isoformat())


def milliseconds(instant):
    moment = datetime.datetime.fromisoformat(instant.replace("Z", "+00:00"))
    since = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return since // datetime.timedelta(milliseconds=1)


def span_of(zone, month):
    start, end = month_start(zone, month), month_start(zone, month, 1)
    moment = datetime.datetime.fromisoformat(end.replace("Z", "+00:00"))
    last = pack_forms.instant_of((moment - datetime.timedelta(milliseconds=1)).isoformat())
    return start, end, last


def last_change(changes, at):
    return next((value for effective, value in reversed(changes) if effective <= at), None)


def is_bound_within(bindings, agency, start, end):
    for at, (since, bound) in enumerate(bindings):
        until = bindings[at + 1][0] if at + 1 < len(bindings) else None
        if bound == agency and until != since and since < end and (until is None or start < until):
            return True
    return False


def bound_in(creators, agency, span):
    """The creators that were bound in the month, each with its sessions for the agency."""
    start, end, last = span
    return [
        {
            "creatorId": name,
            "exposed": last_change(rights, last) is True,
            "inBase": last_change(bindings, last) == agency,
            "known": sessions,
            "sessions": [
                one
                for one in sessions
                if start <= one["startedAt"] < end
                and last_change(bindings, one["startedAt"]) == agency
            ],
        }
        for name, (bindings, rights, sessions) in creators.items()
        if is_bound_within(bindings, agency, start, end)
    ]


def is_long(session, minutes):
    span = milliseconds(session["endedAt"]) - milliseconds(session["startedAt"])
    return span >= minutes * 60000


def overlaps_in(some, sessions):
    among = {one["sessionId"] for one in some}
    ordered = sorted(sessions, key=lambda one: one["startedAt"])
    count, latest = 0, ""
    for at, one in enumerate(ordered):
        after = at + 1 < len(ordered) and ordered[at + 1]["startedAt"] < one["endedAt"]
        if (one["startedAt"] < latest or after) and one["sessionId"] in among:
            count += 1
        latest = max(latest, one["endedAt"])
    return count


def terms_of(document, problem):
    """The parameters that an assessment is counted by."""
    found = {}
    for name in TERMS:
        parameter = document["parameters"].get(name) if document else None
        value = parameter.get("value") if isinstance(parameter, dict) else None
        require(pack_forms.count(value) and value <= pack_forms.MAX_INTEGER, problem, name)
        found[name] = value
    return found


def was_held_unjustly(history, start, end):
    for expulsion in history.expulsions:
        revoked, since = expulsion["revoked"], expulsion["effectiveAt"]
        if revoked is None:
            continue
        later = history.admissions[expulsion["episode"] :]
        until = revoked["recordedAt"]
        until = min(until, later[0]["effectiveAt"]) if later else until
        if since < end and (start <= since or start < until):
            return True
    return False


def verdict_of(history, counts, terms, span, standing_at, day_after):
    """The verdict on a month, with its reasons."""
    start, end, last = span
    standing, episode, _ = standing_at(history, last, END)
    exempt = []
    if episode > 0:
        admitted = history.admissions[episode - 1]["effectiveAt"]
        if start < day_after(admitted, terms["newcomerDays"]):
            exempt.append("newcomer")
    in_standing = standing in ("active", "pending_expulsion")
    if not in_standing or was_held_unjustly(history, start, end):
        exempt.append("not_active")
    if exempt:
        return {"reasons": exempt, "verdict": "not_assessed"}
    active, base = counts
    reasons = ["activity"] if 100 * active < terms["activityRate"] * base else []
    reasons += ["headcount"] if base < terms["headcountMin"] else []
    return {"reasons": reasons, "verdict": "failed" if reasons else "passed"}


def sessions_of(bound, minutes):
    counted = [one for creator in bound for one in creator["sessions"]]
    lines = [
        f"{one['sessionId']} {one['corrections']}\n"
        for one in sorted(counted, key=lambda one: one["sessionId"])
    ]

    def long(sessions):
        return [one for one in sessions if is_long(one, minutes)]

    return {
        "count": len(counted),
        "effective": len(long(counted)),
        "overlapping": sum(overlaps_in(long(one["sessions"]), one["known"]) for one in bound),
        "sha256": hashlib.sha256("".join(lines).encode()).hexdigest(),
    }


def assessed_again(event, creators, before, zone, rulebook_at, verdict_under):
    """What an assessment must be: its data and its rulebook."""
    agency, month = event["data"]["agencyId"], event["data"]["month"]
    span = span_of(zone, month)
    require(event["recordedAt"] >= span[1], "decision_differs", f"{month} was not over")
    bound = bound_in(creators, agency, span)
    base = [one for one in bound if one["inBase"]]

    def under(at):
        rulebook = rulebook_at(at)
        terms = terms_of(rulebook["document"], "decision_differs")

        def active(some):
            least, minutes = terms["activityMinEffectiveSessions"], terms["effectiveSessionMinutes"]
            return sum(
                sum(is_long(session, minutes) for session in one["sessions"]) >= least
                for one in some
            )

        counts = (active(base), len(base))
        judged = verdict_under(counts, terms, span)
        return {**judged, "active": counts[0], "any": active(bound), "terms": terms}, rulebook

    (own, rulebook), (other, at_end) = under(span[0]), under(span[2])
    terms = own["terms"]
    data = {
        "active": own["active"],
        "agencyId": agency,
        "anyTime": {"active": own["any"], "base": len(bound)},
        "base": len(base),
        "exposed": sum(one["exposed"] for one in base),
        "headcountMin": terms["headcountMin"],
        "minSessions": terms["activityMinEffectiveSessions"],
        "month": month,
        "rate": terms["activityRate"],
        "reasons": own["reasons"],
        "sessions": sessions_of(bound, terms["effectiveSessionMinutes"]),
        "verdict": own["verdict"],
    }
    if other["verdict"] != own["verdict"]:
        data["alternative"] = {
            "reasons": other["reasons"],
            "rulebook": at_end["reference"],
            "verdict": other["verdict"],
        }
    if before is not None:
        was = {**before["data"], "rulebook": before.get("rulebook")}
        now = {**data, "rulebook": rulebook["reference"]}
        names = {*was, *now} - {"changed"}
        data["changed"] = sorted(
            name for name in names if canonical(was.get(name)) != canonical(now.get(name))
        )
    return data, rulebook["reference"]


def assessed_months(streams, register, agency, months, zone_of):
    """What the last assessment of each month was counted from."""
    check_countable(streams, agency, months)
    if not months:
        return None
    zone = zone_of()
    own = [packed["event"] for packed in streams[f"agency-{agency}"]]
    wanted = [
        next(event for event in reversed(own) if is_assessment(event, [month])) for month in months
    ]
    ids = {event["id"] for event in wanted}
    in_order = sorted(
        (packed for chain in streams.values() for packed in chain), key=lambda one: one["place"]
    )
    bases = bases_of([packed["event"] for packed in in_order], lambda event: event["id"] in ids)
    found = []
    for event in wanted:
        named = event.get("rulebook", {}).get("sha256")
        known = [one["document"] for one in register if one["reference"]["sha256"] == named]
        minutes = terms_of(known[0] if known else None, "computation_events")[
            "effectiveSessionMinutes"
        ]
        month = event["data"]["month"]
        bound = bound_in(bases[event["id"]], agency, span_of(zone, month))
        creators = [
            {
                "creatorId": one["creatorId"],
                "effective": sum(is_long(session, minutes) for session in one["sessions"]),
                "exposed": one["exposed"],
                "inBase": one["inBase"],
                "sessions": [
                    {
                        "corrections": session["corrections"],
                        "effective": is_long(session, minutes),
                        "endedAt": session["endedAt"],
                        "sessionId": session["sessionId"],
                        "startedAt": session["startedAt"],
                    }
                    for session in sorted(
                        one["sessions"], key=lambda each: (each["startedAt"], each["sessionId"])
                    )
                ],
            }
            for one in sorted(bound, key=lambda each: each["creatorId"])
        ]
        found.append(
            {
                "creators": creators,
                "minutes": minutes,
                "month": month,
                "revision": event["revision"],
            }
        )
    return found
