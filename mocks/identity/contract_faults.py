"""Faults in how single requests are answered, which the contract tier catches."""

from dpi_conformance.i18n import N_
from dpi_conformance.mockkit.faults import Fault

__all__ = ["CONTRACT_FAULTS"]

_LEAK = "govstack-cfr-security#req-16; CWE-209"
_TEXT = "govstack-cfr-data#req-1"
_FILE = "GovStack Identity 8.1"


def _fault(name: str, check: str, cases: str, summary: str, clause: str, *variants: str) -> Fault:
    return Fault(
        name=name,
        check=check,
        cases=f"identity/contract/{cases}",
        summary=summary,
        clause=clause,
        variants=variants,
    )


_VALIDATION = (
    _fault(
        "missing-required-accepted",
        "status.refused",
        "*/required/*",
        N_("A request that lacks something required is taken and lost."),
        _FILE,
    ),
    _fault(
        "too-long-accepted",
        "status.refused",
        "client-*/boundary/*/maxLength",
        N_("Names of clients that are longer than their limit are taken; the database cuts them later."),
        _FILE,
    ),
    _fault(
        "boundary-off-by-one",
        "status.accepted",
        "client-*/boundary/*/maxLength",
        N_("Each limit of length is enforced one character too early."),
        _FILE,
    ),
    _fault(
        "enum-not-checked",
        "status.refused",
        "*/enum/*",
        N_("A claim, a grant or a factor outside its closed list is taken."),
        "GovStack Identity 7.2",
    ),
    _fault(
        "type-coerced",
        "status.refused",
        "*/type/*",
        N_("Values of a wrong type are taken: a number for an identifier, a text for a list."),
        "GovStack Identity 8.1; RFC 8259, 3",
    ),
    _fault(
        "wrong-format-accepted",
        "status.refused",
        "client-*/format/*",
        N_("What is no URI is registered as the address of a logo, or of a client."),
        "GovStack Identity 8.1; RFC 3986, 3",
    ),
    _fault(
        "crash-on-null",
        "status.server-error",
        "*/type/*",
        N_("null where a value was expected ends in an unhandled exception."),
        "RFC 9110, 15.6",
    ),
    _fault(
        "unknown-field-refused",
        "status.accepted",
        "*/protocol/unknown-field",
        N_("A field that the vendor does not know is refused, so that no later version of a caller works."),
        "govstack-cfr-architecture#req-18",
    ),
)

_BODIES = (
    _fault(
        "crash-on-deep-body",
        "status.server-error",
        "*/protocol/deep-body",
        N_("A deeply nested body overflows the parser's stack."),
        "RFC 8259, 9; CWE-674",
    ),
    _fault(
        "crash-on-malformed",
        "status.server-error",
        "*/protocol/malformed",
        N_("A body that is not JSON ends in an unhandled exception."),
        "RFC 9110, 15.6",
    ),
    _fault(
        "crash-on-duplicate-keys",
        "status.server-error",
        "*/protocol/duplicate-keys",
        N_("A body with the same name twice ends in an unhandled exception."),
        "RFC 8259, 4",
    ),
    _fault(
        "crash-on-nul",
        "status.server-error",
        "*/text/*",
        N_("A NUL character in a name reaches the database driver, which does not survive it."),
        "RFC 9110, 15.6; CWE-158",
    ),
    _fault(
        "wrong-media-type-accepted",
        "status.refused",
        "*/protocol/media-type",
        N_("The Content-Type is not looked at."),
        "RFC 9110, 15.5.16",
    ),
)

_ACCESS = (
    _fault(
        "open-to-everybody",
        "status.unauthorized",
        "*/credentials/*",
        N_("Enrollment and credentials are served to whoever reaches the address."),
        "GovStack Identity 6.5",
        "enroll",
        "share-credential",
        "service-history",
        "update-identity",
        "block",
        "unblock",
    ),
    _fault(
        "no-www-authenticate",
        "header.www-authenticate",
        "*/credentials/*",
        N_("A 401 does not say how to authenticate."),
        "RFC 9110, 11.6.1",
    ),
    _fault(
        "method-served",
        "status.method-not-allowed",
        "*/protocol/method",
        N_("Every method is served as if it were the right one."),
        "RFC 9110, 15.5.6",
    ),
    _fault(
        "allow-header-missing",
        "header.allow",
        "*/protocol/method",
        N_("A 405 names no method that would be allowed."),
        "RFC 9110, 15.5.6",
    ),
    _fault(
        "redirect-to-trailing-slash",
        "status.redirect",
        "client-*/positive/*",
        N_(
            "Client management is redirected to the same path with a slash, which drops the body and the token."
        ),
        "RFC 9110, 15.4",
        "client-create",
        "client-update",
    ),
)

_ANSWERS = (
    _fault(
        "refusal-as-crash",
        "status.server-error",
        "*/type/*",
        N_("Every refusal is answered with 500, so that callers send the wrong request again and again."),
        "RFC 9110, 15.6",
    ),
    _fault(
        "undeclared-status",
        "status.declared",
        "*/positive/*",
        N_("Success is answered with 201, which almost no operation declares."),
        "RFC 9110, 15.3",
    ),
    _fault(
        "request-id-not-echoed",
        "body.echo",
        "client-create/echo/*",
        N_("The answer to a registration names another client than the one that was sent."),
        _FILE,
    ),
    _fault(
        "wrong-type-in-answer",
        "body.schema",
        "*/positive/*",
        N_("A field that is published as text is answered as a number."),
        _FILE,
    ),
    _fault(
        "missing-required-answer-field",
        "body.schema",
        "wallet-binding/positive/*",
        N_("The answer to a binding does not say when it was given."),
        _FILE,
        "wallet-binding",
    ),
    _fault(
        "html-errors",
        "header.content-type",
        "*/type/*",
        N_("Refusals come as a web page of the server in front."),
        "RFC 9110, 8.3",
    ),
    _fault(
        "comma-too-many",
        "body.json",
        "*/type/*",
        N_("Refusals are put together by hand, with a comma too many: no parser reads them."),
        "RFC 8259, 2",
    ),
    _fault(
        "latin-1-answers",
        "body.utf-8",
        "*/positive/*",
        N_("Answers are encoded as ISO 8859-1, and say so."),
        "govstack-cfr-data#req-1; RFC 8259, 8.1",
    ),
    _fault(
        "local-time-stamps",
        "body.utc",
        "*/times/answer",
        N_("Time stamps are in the time zone of the vendor's machine room."),
        "govstack-cfr-data#req-2",
    ),
    _fault(
        "stack-trace-in-error",
        "leak.stack-trace",
        "*/type/*",
        N_("A refusal shows the stack trace of the exception behind it."),
        _LEAK,
    ),
    _fault(
        "sql-in-error",
        "leak.sql",
        "*/type/*",
        N_("A refusal shows the SQL statement that failed."),
        _LEAK,
    ),
    _fault(
        "file-path-in-error",
        "leak.file-path",
        "*/type/*",
        N_("A refusal names a file of the vendor's machine."),
        _LEAK,
    ),
)

_TRANSPORT = (
    _fault(
        "slow-answer",
        "time.limit",
        "discovery/positive/*",
        N_("The description is put together anew each time, and takes longer than any caller waits."),
        "limits.answer_seconds",
        "discovery",
    ),
    _fault(
        "cut-off-answer",
        "transport.answered",
        "jwks/positive/*",
        N_("The connection breaks in the middle of the keys."),
        "RFC 9112, 8",
        "jwks",
    ),
    _fault(
        "endless-answer",
        "body.size",
        "jwks/positive/*",
        N_("The list of keys never ends."),
        "limits.response_bytes",
        "jwks",
    ),
)

_TEXTS = (
    _fault(
        "text-normalised",
        "text.unharmed",
        "client-create/text/*",
        N_("Identifiers of clients are decomposed and stripped of their marks."),
        _TEXT,
    ),
    _fault(
        "emoji-dropped",
        "text.unharmed",
        "client-create/text/*",
        N_("Characters beyond the first 65,536 are dropped, as by an old database column."),
        _TEXT,
    ),
    _fault(
        "text-to-ascii",
        "text.unharmed",
        "client-create/text/*",
        N_("Each character that is not ASCII becomes a question mark."),
        _TEXT,
    ),
)

CONTRACT_FAULTS: tuple[Fault, ...] = (
    *_VALIDATION,
    *_BODIES,
    *_ACCESS,
    *_ANSWERS,
    *_TRANSPORT,
    *_TEXTS,
)
