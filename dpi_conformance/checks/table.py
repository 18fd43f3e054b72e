"""The table of checks on an answer: what each asks, what to do where it fails, and its clause."""

from collections.abc import Callable, Iterator

from dpi_conformance.checks import content, leaks, status, transport
from dpi_conformance.checks.seen import Check, Seen
from dpi_conformance.i18n import N_, Message

__all__ = ["ANSWER_CHECKS"]


def _check(
    id: str,  # noqa: A002 -- the field's name
    run: Callable[[Seen], Iterator[tuple[str, str, str]]],
    asks: str,
    advice: str,
    clause: str = "",
    *,
    advisory: bool = False,
) -> Check:
    return Check(
        id=id, run=run, asks=Message(text=asks), advice=Message(text=advice), clause=clause, advisory=advisory
    )


ANSWER_CHECKS: tuple[Check, ...] = (
    _check(
        "status.server-error",
        status.no_server_error,
        N_("No request brings the product down."),
        N_(
            "A 5xx says that the product failed, not that the request was wrong; callers send it again, and may cause "
            "twice what was meant once. Validate the input before it is used, and answer with the refusal that the "
            "operation declares."
        ),
        "RFC 9110, 15.6",
    ),
    _check(
        "status.redirect",
        status.no_redirect,
        N_("An API operation answers and does not redirect."),
        N_(
            "The harness never follows a redirect: credentials would go to another address. Serve the operation "
            "at the published path, or correct base_url in product.yaml."
        ),
        "RFC 9110, 15.4",
    ),
    _check(
        "status.accepted",
        status.accepted,
        N_("A valid request is served."),
        N_(
            "Callers will send requests like this one. See what the answer complains about: "
            "a limit that is tighter than the published one, or a value that the specification allows."
        ),
    ),
    _check(
        "status.refused",
        status.refused,
        N_("A request that breaks a constraint is refused."),
        N_(
            "The product took a request that the specification does not allow; what it did or stored is undefined. "
            "Check this constraint before acting, and refuse."
        ),
    ),
    _check(
        "status.method-not-allowed",
        status.method_not_allowed,
        N_("A method that the path does not have is not served."),
        N_(
            "Answer 405 with an Allow header for every method that the specification does not give this path."
        ),
        "RFC 9110, 9.1 and 15.5.6",
    ),
    _check(
        "status.method-refusal",
        status.method_told,
        N_("A method that the path does not have is refused with 405."),
        N_(
            "Another status makes the caller search the mistake elsewhere. Answer 405 with an Allow header for every "
            "method that the specification does not give this path."
        ),
        "RFC 9110, 9.1 (SHOULD) and 15.5.6",
        advisory=True,
    ),
    _check(
        "header.allow",
        status.allow_header,
        N_("A 405 names the methods that the path has."),
        N_("Send an Allow header that lists every method of this path, and not the refused one."),
        "RFC 9110, 10.2.1 and 15.5.6",
    ),
    _check(
        "status.unauthorized",
        status.unauthorized,
        N_("A request without valid credentials is answered with 401 or 403."),
        N_(
            "A request that is served without valid credentials lets anybody act in the caller's name; another "
            "refusal hides from the caller what to mend. Verify the credentials of every request before anything "
            "else, and answer 401, or 403."
        ),
        "govstack-cfr-security#req-3; RFC 9110, 15.5.2 and 15.5.4",
    ),
    _check(
        "header.www-authenticate",
        status.www_authenticate,
        N_("A 401 says how to authenticate."),
        N_("Send WWW-Authenticate with the scheme that the product takes, e.g. Bearer."),
        "RFC 9110, 11.6.1",
    ),
    _check(
        "status.declared",
        status.declared_status,
        N_("The status is one that the operation declares."),
        N_("Callers are written against the declared statuses. Answer with one of them."),
    ),
    _check(
        "refusal.contradiction",
        status.refusal_not_contradicted,
        N_("The status and the code in the body say the same."),
        N_("Callers look at either. A refusal must not carry the code for success."),
    ),
    _check(
        "header.content-type",
        content.content_type_declared,
        N_("The answer comes under the declared media type."),
        N_("Send Content-Type: application/json with every JSON body, also with refusals."),
        "RFC 9110, 8.3",
    ),
    _check(
        "header.declared",
        content.declared_headers,
        N_("The declared response headers are sent."),
        N_("Send each header that the operation declares as required."),
    ),
    _check(
        "body.utf-8",
        content.utf8_only,
        N_("Text is UTF-8."),
        N_("Names in other scripts arrive broken otherwise. Encode every answer as UTF-8."),
        "govstack-cfr-data#req-1; RFC 8259, 8.1",
    ),
    _check(
        "body.json",
        content.body_is_json,
        N_("A JSON body is JSON."),
        N_("No caller can read this answer. Serialise it with a JSON library."),
        "RFC 8259, 2",
    ),
    _check(
        "body.schema",
        content.schema_valid,
        N_("The answer is valid against its schema."),
        N_(
            "Callers are generated from this schema. Send the declared fields with the declared types and lengths."
        ),
    ),
    _check(
        "body.size",
        content.size_bounded,
        N_("An answer ends within a sane size."),
        N_(
            "The harness stopped reading at limits.response_bytes. Bound what one answer can hold, or raise the limit in "
            "product.yaml if such answers are meant."
        ),
        "limits.response_bytes",
    ),
    _check(
        "body.echo",
        content.request_id_echoed,
        N_("The acknowledgement carries the identifier that was sent."),
        N_("The caller matches answers by it. Copy it from this request, unchanged."),
    ),
    _check(
        "text.unharmed",
        content.text_unharmed,
        N_("Text comes back as it was sent, or is refused."),
        N_(
            "A name that changes on the way no longer matches the register. Store and send text as UTF-8 without "
            "normalising, cutting or stripping; refuse what cannot be kept."
        ),
        "govstack-cfr-data#req-1; RFC 8259, 8.3",
    ),
    _check(
        "body.utc",
        content.timestamps_in_utc,
        N_("Time stamps are in UTC."),
        N_("Two ministries read two different moments otherwise. Send ISO 8601 with Z."),
        "govstack-cfr-data#req-2",
    ),
    _check(
        "refusal.names-field",
        content.field_named,
        N_("A refusal names the field that is missing."),
        N_(
            "Whoever has to mend the request searches in the dark otherwise. Name the field in the description."
        ),
        "govstack-cfr-data#req-5",
        advisory=True,
    ),
    _check(
        "leak.stack-trace",
        leaks.no_stack_trace,
        N_("An answer holds no stack trace."),
        N_("It tells an attacker what runs inside. Log it, and answer with a description of the error only."),
        "govstack-cfr-security#req-16; CWE-209",
    ),
    _check(
        "leak.file-path",
        leaks.no_file_path,
        N_("An answer names no file of the product's machine."),
        N_("It tells an attacker how the product is built. Remove it from error messages."),
        "govstack-cfr-security#req-16; CWE-209",
    ),
    _check(
        "leak.sql",
        leaks.no_sql,
        N_("An answer holds no SQL."),
        N_(
            "It shows an attacker the way into the database. Catch database errors and answer in general terms."
        ),
        "govstack-cfr-security#req-16; CWE-209",
    ),
    _check(
        "time.limit",
        transport.in_time,
        N_("An answer comes within the time limit."),
        N_(
            "Callers give up and retry. Answer at once and do slow work after the acknowledgement; if the product is "
            "promised more time, raise limits.answer_seconds in product.yaml."
        ),
        "limits.answer_seconds (product.yaml)",
    ),
)
