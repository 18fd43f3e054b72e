"""Faults in how single requests are answered, which the contract tier catches."""

from dpi_conformance.i18n import N_
from dpi_conformance.mockkit.faults import Fault

__all__ = ["CONTRACT_FAULTS"]

_API = "GovStack Information Mediator API"
_LEAK = "govstack-cfr-security#req-16; CWE-209"
_TEXT = "govstack-cfr-data#req-1"


def _fault(name: str, check: str, cases: str, summary: str, clause: str, *variants: str) -> Fault:
    return Fault(
        name=name,
        check=check,
        cases=f"exchange/contract/{cases}",
        summary=summary,
        clause=clause,
        variants=variants,
    )


_VALIDATION = (
    _fault(
        "missing-required-accepted",
        "status.refused",
        "*/required/*",
        N_("Calls that do not say who calls, and configurations that lack a field, are acknowledged."),
        _API,
    ),
    _fault(
        "type-coerced",
        "status.refused",
        "*/type/*",
        N_("A number where the code of a member belongs is taken for a text, a text for a list."),
        f"{_API}; RFC 8259, 3",
    ),
    _fault(
        "crash-on-null",
        "status.server-error",
        "*/type/*",
        N_("A configuration in which a value is null ends in an unhandled exception."),
        "RFC 9110, 15.6",
    ),
    _fault(
        "unknown-field-refused",
        "status.accepted",
        "config-change/protocol/unknown-field",
        N_("A configuration that a later version of a tool has written is refused for its further fields."),
        "govstack-cfr-architecture#req-18; RFC 9413",
        "config-change",
    ),
)

_BODIES = (
    _fault(
        "crash-on-deep-body",
        "status.server-error",
        "rights-*/protocol/deep-body",
        N_("An order of rights with deeply nested lists overflows the parser's stack."),
        "RFC 8259, 9; CWE-674",
    ),
    _fault(
        "crash-on-nul",
        "status.server-error",
        "config-change/text/*",
        N_("A NUL character in a member's name reaches the database driver, which does not survive it."),
        "RFC 9110, 15.6; CWE-158",
    ),
    _fault(
        "crash-on-duplicate-keys",
        "status.server-error",
        "*/protocol/duplicate-keys",
        N_("A configuration with the same name twice ends in an unhandled exception."),
        "RFC 8259, 4",
    ),
    _fault(
        "crash-on-malformed",
        "status.server-error",
        "*/protocol/malformed",
        N_("A configuration that is not JSON ends in an unhandled exception."),
        "RFC 9110, 15.6",
    ),
    _fault(
        "wrong-media-type-accepted",
        "status.refused",
        "*/protocol/media-type",
        N_("The Content-Type is not looked at: JSON that is sent as a form is served."),
        "RFC 9110, 15.5.16",
    ),
)

_ACCESS = (
    _fault(
        "no-auth-check",
        "status.unauthorized",
        "*/credentials/*",
        N_("Whoever reaches the port may read and change the configuration."),
        f"{_API}, security",
    ),
    _fault(
        "wrong-token-accepted",
        "status.unauthorized",
        "*/credentials/wrong",
        N_("Any token will do: its presence is checked, and its value is not."),
        f"{_API}, security",
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
        N_("Every method is served as if it were the right one: DELETE on the list of clients lists them."),
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
        "allow-header-wrong",
        "header.allow",
        "*/protocol/method",
        N_("A 405 names all methods, the refused one among them."),
        "RFC 9110, 10.2.1",
    ),
)

_ANSWERS = (
    _fault(
        "refusal-as-success",
        "status.refused",
        "*/type/*",
        N_("Refused configurations are answered with 200; the trouble is in the log only."),
        _API,
    ),
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
        N_("Reading and the giving of rights are answered with 201, which those operations do not declare."),
        "RFC 9110, 15.3",
    ),
    _fault(
        "wrong-type-in-answer",
        "body.schema",
        "config-read/positive/*",
        N_("The domain of the configuration is answered as a number."),
        f"{_API} (listIMconf)",
    ),
    _fault(
        "missing-required-answer-field",
        "body.schema",
        "config-read/positive/*",
        N_("The configuration is answered without its domain, so that it cannot be put back."),
        f"{_API} (listIMconf)",
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
        "get-openapi/positive/*",
        N_(
            "A service's document is fetched and converted for each caller, which takes longer than anybody waits."
        ),
        "limits.answer_seconds",
        "get-openapi",
    ),
    _fault(
        "cut-off-answer",
        "transport.answered",
        "config-read/positive/*",
        N_("The connection breaks in the middle of the configuration."),
        "RFC 9112, 8",
        "config-read",
    ),
    _fault(
        "endless-answer",
        "body.size",
        "list-clients/positive/*",
        N_("The list of clients never ends."),
        "limits.response_bytes",
        "list-clients",
    ),
)

_TEXTS = tuple(
    _fault(name, "text.unharmed", "rights-list/text/*", summary, _TEXT)
    for name, summary in (
        (
            "text-normalised",
            N_("Identifiers are decomposed and stripped of their marks: another application's."),
        ),
        ("text-cut-by-bytes", N_("Identifiers are cut by bytes: those in other scripts lose their end.")),
        (
            "emoji-dropped",
            N_("Characters beyond the first 65,536 are dropped, as by an old database column."),
        ),
        (
            "marks-stripped",
            N_("Marks of direction and joiners are stripped, which other scripts need to be read."),
        ),
        ("text-to-ascii", N_("Each character that is not ASCII becomes a question mark.")),
    )
)

CONTRACT_FAULTS: tuple[Fault, ...] = (
    *_VALIDATION,
    *_BODIES,
    *_ACCESS,
    *_ANSWERS,
    *_TRANSPORT,
    *_TEXTS,
)
