"""The forms of what a pack's answers are computed from (docs/spec/evidence-pack.md)."""

import datetime
import re

from second_reader import HASH, ID, integer_from, matches, obj

MAX_INTEGER = 2**53 - 1
MAX_WORK = 50000000


def anything(_value):
    return True


def text(value):
    return isinstance(value, str)


def flag(value):
    return isinstance(value, bool)


def integer(value):
    return type(value) is int and abs(value) <= MAX_INTEGER


count = integer_from(0)
end = matches(
    "(199[2-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T([01][0-9]|2[0-3])(:[0-5][0-9]){2}\.[0-9]{3}Z"
)


def list_of(item):
    return lambda value: isinstance(value, list) and all(item(one) for one in value)


def mapping(value):
    return isinstance(value, dict)


def ids_once(value):
    return list_of(ID)(value) and len(value) <= 500 and len(set(value)) == len(value)


CORRECTABLE = matches(
    "appealDeadline|clause|effectiveAt|notifiedAt|occurredAt|period|points"
)


def corrected(value):
    """The members that a correction named, in order."""
    return list_of(CORRECTABLE)(value) and sorted(set(value)) == value


def or_null(form):
    return lambda value: value is None or form(value)


MONTH = matches("(?:199[2-9]|[2-8][0-9]{3})-(?:0[1-9]|1[0-2])")
BASES = (
    obj({"kind": matches("assessment"), "month": MONTH}),
    obj({"kind": matches("complaint"), "complaintId": ID}),
    obj({"kind": matches("session"), "sessionId": ID}),
)


def basis(value):
    """The record that a deduction rests on."""
    return any(form(value) for form in BASES)


CARRY_OVER = or_null(obj({"as": count, "atLeast": count}))
FORMS = {
    **dict.fromkeys(
        "account additionId agencyId appealId clause complaintId creatorId deductionId "
        "measureId postId reviewId".split(),
        ID,
    ),
    **dict.fromkeys("kind outcome".split(), text),
    "complainantKind": matches("merchant|creator|consumer|platform"),
    **dict.fromkeys("admissible automated outOfTime periodStated".split(), flag),
    **dict.fromkeys("closesAt evidenceBy initiateBy reentryFrom".split(), end),
    **dict.fromkeys("expulsion pending points threshold was".split(), count),
    **dict.fromkeys("balance computed".split(), integer),
    **dict.fromkeys("noticeSha256 sha256".split(), HASH),
    "basis": basis,
    "carryOver": CARRY_OVER,
    "corrected": corrected,
    "deductionIds": lambda value: ids_once(value) and value != [],
    "findings": list_of(obj({"code": text, "detail": anything, "severity": anything})),
    "items": list_of(
        obj({"evidenceId": ID, "mediaType": text, "sha256": HASH}, {"bytes": count})
    ),
    "period": matches("199[2-9]|[2-8][0-9]{3}"),
    "ComplaintsMerged.from": list_of(ID),
}

# The members of each type's data, "?" where one may be missing (event.md, "Agency events").
MEMBERS = {
    "AgencyAdmitted": "agencyId legalPerson?",
    "AgencyExited": "agencyId",
    "AgencyReadmitted": "agencyId findings?",
    "DeductionImposed": (
        "account agencyId appealDeadline? automated? basis? clause creatorId? "
        "deductionId findings? noticeSha256? period periodStated points"
    ),
    "DeductionCorrected": (
        "account agencyId appealDeadline? clause corrected deductionId period "
        "periodStated points"
    ),
    "DeductionRevoked": "agencyId appealId? deductionId findings? was",
    "DeductionAdjusted": "agencyId appealId? deductionId findings? points was",
    "DeductionReinstated": "agencyId deductionId findings? points was",
    "AppealInitiated": (
        "agencyId appealId deductionIds? evidenceBy expulsion? findings? initiateBy "
        "kind outOfTime pending?"
    ),
    "AppealEvidenceSubmitted": "agencyId appealId items",
    "AppealWithdrawn": "agencyId appealId",
    "AppealDecided": "agencyId appealId findings? outcome",
    "PendingExpulsionOpened": "account agencyId balance closesAt period threshold",
    "PendingExpulsionLifted": "account agencyId balance period threshold",
    "ExpulsionExecuted": (
        "account agencyId balance carryOver findings? period reentryFrom threshold"
    ),
    "ExpulsionUnsupported": "agencyId balance expulsion",
    "ExpulsionRevoked": "agencyId appealId? expulsion findings?",
    "ReentryApplied": "admissible agencyId reentryFrom",
    "PlatformBalanceObserved": "account agencyId balance computed findings? period sha256?",
    "ComplaintFiled": "agencyId complainantKind complaintId creatorId?",
    "ComplaintClosed": "agencyId complaintId outcome",
    "ComplaintsMerged": "agencyId from into",
    "ComplaintUnmerged": "agencyId complaintId from",
    "GrowthPostRecorded": "agencyId postId",
    "MeasureImposed": "agencyId automated? deductionId? kind measureId until?",
    "MeasureLifted": "agencyId measureId",
    "HumanReviewRequested": "agencyId deductionId? measureId? reviewId",
    "HumanReviewAnswered": "agencyId findings? outcome reviewId",
    "AdditionGranted": "account additionId agencyId period points",
    "AdditionRevoked": "additionId agencyId",
    "AssessmentComputed": (
        "active agencyId alternative? anyTime base changed? exposed headcountMin "
        "minSessions month rate reasons sessions verdict"
    ),
}


def data_form(kind, names):
    required, optional = {}, {}
    for name in names.split():
        bare = name.rstrip("?")
        form = FORMS.get(f"{kind}.{bare}", FORMS.get(bare, anything))
        (optional if name.endswith("?") else required)[bare] = form
    return obj(required, optional)


DATA = {kind: data_form(kind, names) for kind, names in MEMBERS.items()}

# The member of data by which an event creates something, and those that name it later.
CREATED = {
    "DeductionImposed": "deductionId",
    "AppealInitiated": "appealId",
    "ComplaintFiled": "complaintId",
    "MeasureImposed": "measureId",
    "HumanReviewRequested": "reviewId",
    "AdditionGranted": "additionId",
    "ExpulsionExecuted": "expulsion",
    "PendingExpulsionOpened": "pending",
}
NAMED = {
    "DeductionCorrected": ["deductionId"],
    "DeductionRevoked": ["deductionId"],
    "DeductionAdjusted": ["deductionId"],
    "DeductionReinstated": ["deductionId"],
    "AppealInitiated": ["deductionIds", "expulsion", "pending"],
    "AppealEvidenceSubmitted": ["appealId"],
    "AppealWithdrawn": ["appealId"],
    "AppealDecided": ["appealId"],
    "ExpulsionUnsupported": ["expulsion"],
    "ExpulsionRevoked": ["expulsion"],
    "ComplaintClosed": ["complaintId"],
    "ComplaintsMerged": ["from"],
    "ComplaintUnmerged": ["complaintId"],
    "MeasureLifted": ["measureId"],
    "HumanReviewAnswered": ["reviewId"],
    "AdditionRevoked": ["additionId"],
}
KIND = {"deductionIds": "deductionId", "from": "complaintId"}


def fault_of(events):
    """Why an agency's events cannot be folded; None if they can."""
    known = {}
    for event in events:
        kind, data = event["type"], event["data"]
        if event["schemaVersion"] != 1 or kind not in DATA or not DATA[kind](data):
            return f"data of another form: {kind}"
        for name in NAMED.get(kind, []):
            ids = data.get(name, [])
            there = known.get(KIND.get(name, name), set())
            if any(one not in there for one in (ids if isinstance(ids, list) else [ids])):
                return f"what {name} names was never recorded"
        if kind in CREATED:
            created = CREATED[kind]
            there = known.setdefault(created, set())
            there.add(len(there) if created in ("expulsion", "pending") else data[created])
    return None


def work_of(events, documents):
    """How much work the answers are (evidence-pack.md, "Limits")."""

    def number(*kinds):
        return sum(event["type"] in kinds for event in events)

    admissions = max(1, number("AgencyAdmitted", "AgencyReadmitted"))
    expulsions = max(1, number("ExpulsionExecuted"))
    accounts = max([1, *(len(document["accounts"]) for document in documents)])
    standing = number("AgencyExited", "PendingExpulsionOpened", "ExpulsionExecuted")
    summed = admissions * (number("DeductionImposed") + standing)
    return len(events) * expulsions * accounts * summed


# The documents of the register.


def having(required, optional=None):
    """Objects with members of these forms, and perhaps others."""
    optional = optional or {}

    def check(value):
        return (
            isinstance(value, dict)
            and all(name in value and form(value[name]) for name, form in required.items())
            and all(form(value[name]) for name, form in optional.items() if name in value)
        )

    return check


def within(most, form):
    """Lists of a form that are not longer than this."""
    return lambda value: form(value) and len(value) <= most


def parameter(value):
    return obj({"assumed": flag, "source": text, "value": value})


RFC_3339 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,3})0*)?"
    r"(?:[Zz]|([+-][0-9]{2}):([0-9]{2}))"
)


def instant_of(value):
    """The instant of a text with an offset, as events spell it, or None."""
    match = RFC_3339.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    day, time, fraction, hours, minutes = match.groups()
    if abs(int(hours or 0)) > 23 or int(minutes or 0) > 59:
        return None
    try:
        moment = datetime.datetime.fromisoformat(f"{day}T{time}.{(fraction or '0').ljust(3, '0')}")
        offset = abs(int(hours or 0)) * 60 + int(minutes or 0)
        moment -= datetime.timedelta(minutes=-offset if (hours or "+")[0] == "-" else offset)
    except (ValueError, OverflowError):
        return None
    found = f"{moment.year:04d}" + moment.strftime("-%m-%dT%H:%M:%S.")
    found += f"{moment.microsecond // 1000:03d}Z"
    return found if "1992-01-01T00:00:00.000Z" <= found <= "9000-12-31T00:00:00.000Z" else None


WORDING, DAYS = obj({"en": text, "zh": text}), parameter(count)
ACCOUNT = having(
    {
        "carryOver": CARRY_OVER,
        "id": ID,
        "nodes": within(100, list_of(having({"points": count}, {"termDays": DAYS}))),
        "threshold": count,
    },
    {
        "expels": parameter(flag),
        "scale": obj(
            {
                "cap": parameter(count),
                "reset": parameter(lambda value: value == "yearly"),
                "start": parameter(count),
            }
        ),
    },
)
CLAUSE = having({"id": ID, "points": or_null(count), "text": WORDING, "title": WORDING})
is_rulebook = having(
    {
        "accounts": lambda value: within(50, list_of(ACCOUNT))(value) and len(value) > 0,
        "clauses": within(1000, list_of(CLAUSE)),
        "effectiveFrom": lambda value: instant_of(value) is not None,
        "id": ID,
        "parameters": having(
            {
                "attribution": parameter(text),
                "banCount": parameter(text),
                "banDays": DAYS,
                "lastChanceDays": DAYS,
            }
        ),
        "rulebookVersion": ID,
    }
)
is_calendar = having(
    {
        "calendarVersion": ID,
        "id": ID,
        "years": list_of(having({"off": list_of(text), "worked": list_of(text), "year": integer})),
    }
)
