"""Checks for what an answer must not give away: stack traces, file paths, SQL (CFR security, CWE-209)."""

import re
from collections.abc import Iterator

from dpi_conformance.checks.seen import Seen
from dpi_conformance.i18n import N_

__all__ = ["no_file_path", "no_sql", "no_stack_trace"]

Deviations = Iterator[tuple[str, str, str]]

_TRACE = re.compile(
    rb"Traceback \(most recent call last\)"
    rb"|(?:\b|\\t)at [\w$.<>]+\([\w$]+\.(?:java|kt|scala|groovy):\d+\)"
    rb"|(?:\b|\\t)at [\w$.<>\[\] ]+ \(?(?:file://|node:|/|[A-Za-z]:\\)[^\s\"]*\.[cm]?[jt]s:\d+"
    rb"|(?:\b|\\t)at [\w.`<>]+\([^)\n]*\) in [^\n\"]+:line \d+"
    rb"|goroutine \d+ \[running\]"
    rb"|#\d+ [^\n\"]+\.php\(\d+\)"
    rb"|\.rb:\d+:in [`']"
    rb"|thread '[^']*' panicked at"
    rb"|(?:Exception|Error) in thread \""
    rb"|Caused by: [\w.$]+(?:Exception|Error)"
)
_PATH = re.compile(
    rb"(?<![\w/:.])/(?:usr|home|var|opt|srv|app|etc|root|tmp|mnt|workspace|usr/src)/[\w.-]+(?:/[\w.-]+)*"
    rb"\.(?:py|java|kt|js|ts|php|rb|go|rs|cs|class|jar|conf|ini|yml|yaml|properties|log|sql|db|pem|key)\b"
    rb"|\b[A-Za-z]:\\\\?(?:[\w .-]+\\\\?)+[\w.-]+\.\w{1,10}\b"
)
_SQL = re.compile(
    rb"\b(?-i:SELECT\b[^\"]{1,200}?\bFROM|INSERT\s+INTO|DELETE\s+FROM|UPDATE\s+[\w\".`]+\s+SET)\s+[\w\".`*]+"
    rb"|\bselect\s+(?:\*|[\w\".`]+(?:\s*,\s*[\w\".`]+)*)\s+from\s+[\w\".`]+\s+where\s+[\w\".`]+\s*(?:=|<|>|in\b|like\b)"
    rb"|\binsert\s+into\s+[\w\".`]+\s*\("
    rb"|\bSQLSTATE\[?\w{5}|\bORA-\d{5}\b|\bpsycopg2?\.\w+|\bsqlite3\.\w*Error"
    rb"|org\.(?:hibernate|postgresql)\.[\w.]+|com\.mysql\.[\w.]+|You have an error in your SQL syntax"
    rb"|(?:duplicate key value|null value in column) .{0,80}?constraint",
    re.IGNORECASE | re.DOTALL,
)
_TRACE_TELLS = (
    *(b"traceback (most recent call last)", b".java:", b".kt:", b".scala:", b".groovy:", b"js:", b"ts:"),
    *(b":line ", b"goroutine ", b".php(", b".rb:", b"panicked at", b'in thread "', b"caused by: "),
)
"""In lower case: whatever ``_TRACE`` finds holds one of these. To look for them costs a thirtieth; so below."""
_PATH_TELLS = (b"/", b":\\")
_SQL_TELLS = (
    *(b"select", b"insert", b"delete", b"update", b"sqlstate", b"ora-", b"psycopg", b"sqlite3."),
    *(b"org.", b"com.mysql", b"sql syntax", b"duplicate key value", b"null value in column"),
)


def no_stack_trace(seen: Seen) -> Deviations:
    """An answer never holds a stack trace."""
    yield from _found(_TRACE, _TRACE_TELLS, seen)


def no_file_path(seen: Seen) -> Deviations:
    """An answer never names a file of the product's machine."""
    yield from _found(_PATH, _PATH_TELLS, seen)


def no_sql(seen: Seen) -> Deviations:
    """An answer never holds SQL or a database's own error."""
    yield from _found(_SQL, _SQL_TELLS, seen)


def _found(pattern: re.Pattern[bytes], tells: tuple[bytes, ...], seen: Seen) -> Deviations:
    body = seen.response.body[:65536]
    match = pattern.search(body) if _telling(body.lower(), tells) else None
    if match and match.group(0) not in seen.exchange.request.body:
        yield "body", N_("nothing of the product's inside"), match.group(0)[:160].decode("utf-8", "replace")


def _telling(body: bytes, tells: tuple[bytes, ...]) -> bool:
    for tell in tells:  # noqa: SIM110 -- ``any`` and its generator cost twice as much
        if tell in body:
            return True
    return False
