"""Faults of the directory (properties D1 to D3)."""

from dpi_conformance.i18n import N_
from dpi_conformance.mockkit.faults import Fault

from .suite_faults import suite_fault

__all__ = ["DIRECTORY_FAULTS"]

_CLIENTS = "GovStack IM 8.2 (listClients)"
_METHODS = "GovStack IM 8.2 (listMethods)"
_ALLOWED = "GovStack IM 8.2 (allowedMethods)"
_DOCUMENT = "GovStack IM 8.2 (getOpenAPI)"

DIRECTORY_FAULTS: tuple[Fault, ...] = (
    suite_fault(
        "clients-come-twice",
        "directory.clients-once",
        "D1/clients",
        N_("The list of clients joins two tables, and one row of it comes twice."),
        _CLIENTS,
    ),
    suite_fault(
        "clients-without-applications",
        "directory.own-client-listed",
        "D1/clients",
        N_("The list of clients has members only, and none of their applications."),
        _CLIENTS,
    ),
    suite_fault(
        "client-ids-run-together",
        "directory.client-well-formed",
        "D1/clients",
        N_("The identifier of an application has its member's code in it once more: 1234/benefits."),
        _CLIENTS,
    ),
    suite_fault(
        "unknown-instance-listed",
        "directory.unknown-instance-refused",
        "D1/unknown-instance",
        N_("The list of clients is that of the own instance, whichever instance is asked for."),
        _CLIENTS,
    ),
    suite_fault(
        "offered-is-what-is-allowed",
        "directory.offers-all",
        "D2/*",
        N_("listMethods shows a caller only what it may use, so that nobody can ask for more."),
        _METHODS,
    ),
    suite_fault(
        "offered-by-the-whole-member",
        "directory.offers-of-this-application",
        "D2/*",
        N_("listMethods of one application also has the services of the member's other applications."),
        _METHODS,
    ),
    suite_fault(
        "allowed-is-what-is-offered",
        "directory.allowed-only",
        "D2/*",
        N_("allowedMethods shows every service of an application, to whom ever."),
        _ALLOWED,
    ),
    suite_fault(
        "allowed-to-the-whole-member",
        "directory.allowed-only",
        "D2/*",
        N_("allowedMethods shows what any application of the caller's member may use."),
        _ALLOWED,
    ),
    suite_fault(
        "service-filter-ignored",
        "directory.filter-sound",
        "D2/*",
        N_("serviceId is not looked at: the list has every service."),
        _METHODS,
    ),
    suite_fault(
        "endpoints-made-up",
        "directory.endpoints-described",
        "D3/*",
        N_("Endpoints are the document's paths, each with the same three methods."),
        _METHODS,
    ),
    suite_fault(
        "document-cut-short",
        "directory.document-readable",
        "D3/documents",
        N_("Of a document the last bytes are lost."),
        _DOCUMENT,
    ),
    suite_fault(
        "first-services-document",
        "directory.document-of-this-service",
        "D3/*",
        N_("getOpenAPI gives the document of the application's first service, whichever is asked for."),
        _DOCUMENT,
    ),
    suite_fault(
        "document-kept-for-ever",
        "directory.document-current",
        "D3/*",
        N_("getOpenAPI gives the document that it fetched first, also after specUrl was changed."),
        _DOCUMENT,
    ),
    suite_fault(
        "document-of-unknown-service",
        "directory.unknown-service-refused",
        "D3/unknown-service",
        N_("getOpenAPI answers for a service that does not exist, with an empty document."),
        _DOCUMENT,
    ),
)
