"""Faults in how single requests are answered, which the contract tier catches."""

from dpi_conformance.i18n import N_
from dpi_conformance.mockkit.faults import Fault

__all__ = ["CONTRACT_FAULTS"]

_P = "payments/contract"
_LEAK = "govstack-cfr-security#req-16; CWE-209"
_TEXT = "govstack-cfr-data#req-1"


def _fault(name: str, check: str, cases: str, summary: str, clause: str, *variants: str) -> Fault:
    return Fault(
        name=name, check=check, cases=f"{_P}/{cases}", summary=summary, clause=clause, variants=variants
    )


_VALIDATION = (
    _fault(
        "missing-required-accepted",
        "status.refused",
        "*/required/*",
        N_("A request that lacks a required header, parameter or field is acknowledged and lost."),
        "GovStack Payments 8.1",
    ),
    _fault(
        "too-long-accepted",
        "status.refused",
        "*/boundary/*/maxLength",
        N_("Text that is longer than its limit is acknowledged; the database cuts it later."),
        "GovStack Payments 8.1",
    ),
    _fault(
        "boundary-off-by-one",
        "status.accepted",
        "*/boundary/*/maxLength",
        N_("Each limit of length is enforced one character too early."),
        "GovStack Payments 8.1",
    ),
    _fault(
        "enum-not-checked",
        "status.refused",
        "*/enum/*",
        N_("A value outside its closed list is acknowledged."),
        "GovStack Payments 7.1.1",
    ),
    _fault(
        "type-coerced",
        "status.refused",
        "*/type/*",
        N_("Values of a wrong type are taken and converted: a number for a text, a text for a list."),
        "GovStack Payments 8.1; RFC 8259, 3",
    ),
    _fault(
        "wrong-format-accepted",
        "status.refused",
        "*/format/*",
        N_("A time stamp that is none is acknowledged."),
        "GovStack Payments 8.1.4 b; RFC 3339, 5.6",
    ),
    _fault(
        "crash-on-null",
        "status.server-error",
        "*/type/*",
        N_("null where a value was expected ends in an unhandled exception."),
        "RFC 9110, 15.6",
    ),
    _fault(
        "currency-refused",
        "status.accepted",
        "batch-submit/*",
        N_("Batches in euro are refused: the list of currencies holds the vendor's own market only."),
        "GovStack Payments 5.1.10; ISO 4217",
        "batch-submit",
    ),
    _fault(
        "unknown-field-refused",
        "status.accepted",
        "*/protocol/unknown-field",
        N_("A field that the vendor does not know is refused, so that no later version of a caller works."),
        "GovStack CFR architecture; RFC 9413",
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
        "crash-on-nul",
        "status.server-error",
        "*/text/*",
        N_("A NUL character in a text reaches the database driver, which does not survive it."),
        "RFC 9110, 15.6; CWE-158",
    ),
    _fault(
        "crash-on-duplicate-keys",
        "status.server-error",
        "*/protocol/duplicate-keys",
        N_("A body with the same name twice ends in an unhandled exception."),
        "RFC 8259, 4",
    ),
    _fault(
        "crash-on-malformed",
        "status.server-error",
        "*/protocol/malformed",
        N_("A body that is not JSON ends in an unhandled exception."),
        "RFC 9110, 15.6",
    ),
    _fault(
        "truncated-json-accepted",
        "status.refused",
        "*/protocol/truncated",
        N_("A body that was cut off on the way is taken as an empty one and acknowledged."),
        "RFC 8259",
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
        N_("No operation asks for a token."),
        "GovStack Payments 5.3.1",
    ),
    _fault(
        "wrong-token-accepted",
        "status.unauthorized",
        "*/credentials/wrong",
        N_("Any token will do: its presence is checked, and its value is not."),
        "GovStack Payments 5.3.1",
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
        "allow-header-wrong",
        "header.allow",
        "*/protocol/method",
        N_("A 405 names all methods, the refused one among them."),
        "RFC 9110, 10.2.1",
    ),
    _fault(
        "redirect-to-trailing-slash",
        "status.redirect",
        "*/positive/*",
        N_("Each path is redirected to the same path with a slash, which drops the body and the token."),
        "RFC 9110, 15.4",
    ),
)

_ANSWERS = (
    _fault(
        "refusal-as-success",
        "status.refused",
        "*/type/*",
        N_(
            "Refused requests are answered with 200 and the code for success; the trouble is in the log only."
        ),
        "GovStack Payments 8.1",
    ),
    _fault(
        "refusal-as-crash",
        "status.server-error",
        "*/type/*",
        N_("Every refusal is answered with 500, so that callers send the wrong request again and again."),
        "RFC 9110, 15.6",
    ),
    _fault(
        "success-code-in-refusal",
        "refusal.contradiction",
        "*/type/*",
        N_("A 400 carries the code for success."),
        "GovStack Payments 8.1",
    ),
    _fault(
        "undeclared-status",
        "status.declared",
        "*/positive/*",
        N_("Success is answered with 201, which no operation declares."),
        "RFC 9110, 15.3",
    ),
    _fault(
        "request-id-not-echoed",
        "body.echo",
        "*/positive/*",
        N_("The acknowledgement carries an identifier that is not the request's."),
        "GovStack Payments 8.1",
    ),
    _fault(
        "wrong-type-in-answer",
        "body.schema",
        "*/positive/*",
        N_("A code that is published as text is answered as a number: 00 becomes 0."),
        "GovStack Payments 8.1",
    ),
    _fault(
        "missing-required-answer-field",
        "body.schema",
        "*/positive/*",
        N_("The acknowledgement of a batch lacks the batch's identifier, and that of an update its code."),
        "GovStack Payments 8.1.3, 8.1.4",
        "update-beneficiary",
        "batch-submit",
    ),
    _fault(
        "too-long-answer-field",
        "body.schema",
        "*/positive/*",
        N_("The description in an acknowledgement is longer than published."),
        "GovStack Payments 8.1",
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
        "*/positive/*",
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
        "account-lookup/positive/*",
        N_("The look-up scans the whole register: it takes longer than any caller waits."),
        "GovStack Payments 5.1.5",
        "account-lookup",
    ),
    _fault(
        "cut-off-answer",
        "transport.answered",
        "voucher-status/positive/*",
        N_("The connection breaks in the middle of the answer."),
        "RFC 9112, 8",
        "voucher-status",
    ),
    _fault(
        "endless-answer",
        "body.size",
        "account-lookup/positive/*",
        N_("The answer never ends."),
        "limits.response_bytes",
        "account-lookup",
    ),
)

_TEXTS = (
    _fault(
        "text-normalised",
        "text.unharmed",
        "*/text/*",
        N_("Text is decomposed and stripped of its marks: another name than the register's."),
        _TEXT,
    ),
    _fault(
        "text-cut-by-bytes",
        "text.unharmed",
        "*/text/*",
        N_("A limit that counts characters is enforced in bytes: names in other scripts lose their end."),
        _TEXT,
    ),
    _fault(
        "emoji-dropped",
        "text.unharmed",
        "*/text/*",
        N_("Characters beyond the first 65,536 are dropped, as by an old database column."),
        _TEXT,
    ),
    _fault(
        "marks-stripped",
        "text.unharmed",
        "*/text/*",
        N_("Marks of direction and joiners are stripped, which other scripts need to be read."),
        _TEXT,
    ),
    _fault(
        "text-to-ascii",
        "text.unharmed",
        "*/text/*",
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
