"""The limits of an evidence pack (docs/spec/evidence-pack.md, "Limits")."""

import re

MAX_BYTES, MAX_ENTRIES = 268435456, 1000
MAX_EVENTS, MAX_MARKS, MAX_DEPTH, MAX_RULEBOOKS = 20000, 1000000, 64, 500

ESCAPED, STRING = re.compile(r"\\.", re.S), re.compile(r'"[^"]*"?')


def byte_limit_of(name):
    """The most bytes that the file of this name may have."""
    if name == "manifest.json":
        return 1048576
    if name.endswith(".txt"):
        return 131072
    if name.startswith("statement."):
        return 67108864
    return MAX_BYTES if name.startswith("attachments/") else 33554432


def marks_of(text, most=MAX_MARKS):
    """How many commas and opening brackets stand outside strings; None for too many, or too deep.

    Nothing is parsed, so the count is that of a JSON text only if it is one.
    """
    bare = STRING.sub("", ESCAPED.sub("", text))
    opened = bare.count("[") + bare.count("{")
    marks, depth = opened + bare.count(","), 0
    if marks > most or bare.count("]") + bare.count("}") != opened:
        return None
    for mark in re.finditer(r"[\[{\]}]", bare):
        depth += 1 if mark[0] in "[{" else -1
        if depth > MAX_DEPTH:
            return None
    return marks
