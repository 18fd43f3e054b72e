"""Reads a page of HTML as a browser without scripts does: its forms, its links, where it refreshes to, what it says."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree, html

from dpi_conformance.login.places import resolved
from dpi_conformance.model.evidence import Response

__all__ = ["Control", "Document", "Form", "Link", "read_page"]

_BUTTONS = frozenset({"submit", "image"})
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_REFRESH = re.compile(r"^\s*[\d.]*\s*[;,]?\s*(?:url\s*=)?\s*['\"]?([^'\"]+)", re.IGNORECASE)
_UNSEEN = frozenset({"script", "style", "title", "template"})
_HEAD_BYTES = 2048
_SAID = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One control of a form: an input, a choice, a button."""

    name: str
    kind: str
    """``text``, ``password``, ``hidden``, ``checkbox``, ``radio``, ``select``, ``submit``, …"""
    value: str = ""
    checked: bool = False
    """A checkbox or radio button that is ticked; always true of what has no such state."""
    id: str = ""
    text: str = ""
    """What a button shows."""
    action: str = ""
    """Where a button sends the form instead; absolute, empty: to the form's own address."""
    mark: str = ""
    """By which a browser finds it again; empty without one."""

    @property
    def visible(self) -> bool:
        """Tell whether a person sees it and can change it."""
        return self.kind != "hidden" and self.kind not in _BUTTONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form with its enabled controls in the order of the page."""

    action: str
    """Absolute; empty where it is no URL."""
    method: str
    encoding: str
    controls: tuple[Control, ...] = ()

    @property
    def buttons(self) -> tuple[Control, ...]:
        """Give the buttons that send it."""
        return tuple(one for one in self.controls if one.kind in _BUTTONS)

    @property
    def asks(self) -> frozenset[str]:
        """Name the fields that a person fills in."""
        return frozenset(one.name for one in self.controls if one.visible and one.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link that can be followed."""

    url: str
    id: str = ""
    text: str = ""
    mark: str = ""
    """By which a browser finds it again; empty without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A page as a browser without scripts reads it."""

    url: str
    forms: tuple[Form, ...] = ()
    links: tuple[Link, ...] = ()
    refresh: str = ""
    """Where it leads by itself (meta refresh); empty: nowhere."""
    said: str = ""
    """The beginning of its text."""
    scripted: bool = False
    """It has scripts."""
    error: bool = False
    """It came with a status that says so (RFC 9110, 15.5)."""


def read_page(url: str, response: Response) -> Document:
    """Read a page; what is no HTML, or empty, has no forms and no links."""
    text, error = _decoded(response), response.status >= 400
    if "html" not in (response.header("content-type") or "html").lower() or not text.strip():
        return Document(url=url, said=_squeezed(text), error=error)
    try:
        root = html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return Document(url=url, said=_squeezed(text), error=error)
    base = resolved(url, next((one.get("href", "") for one in root.iter("base")), "")) or url
    owned = _owned(root)
    return Document(
        url=url,
        forms=tuple(_form(element, owned.get(element, ()), base) for element in root.iter("form")),
        links=tuple(_link(element, base) for element in root.iter("a") if element.get("href")),
        refresh=_refresh(root, base),
        said=_squeezed(" ".join(_texts(root))),
        scripted=next(root.iter("script"), None) is not None,
        error=error,
    )


def _decoded(response: Response) -> str:
    declared = _CHARSET.search((response.header("content-type") or "").encode())
    found = declared or _CHARSET.search(response.body[:_HEAD_BYTES])
    try:
        return response.body.decode(found[1].decode() if found else "utf-8", "replace")
    except LookupError:
        return response.body.decode("utf-8", "replace")


def _squeezed(text: str) -> str:
    return " ".join(text.split())[:_SAID]


def _refresh(root: html.HtmlElement, base: str) -> str:
    for meta in root.iter("meta"):
        refreshes = meta.get("http-equiv", "").strip().lower() == "refresh"
        found = _REFRESH.match(meta.get("content", "")) if refreshes else None
        if found and found[1].strip():
            return resolved(base, found[1])
    return ""


def _texts(root: html.HtmlElement) -> Iterator[str]:
    """Yield what a reader sees, the title left out."""
    for element in root.iter():
        if element.tag not in _UNSEEN and isinstance(element.tag, str):
            yield element.text or ""
        yield element.tail or ""


def _link(element: html.HtmlElement, base: str) -> Link:
    return Link(
        url=resolved(base, element.get("href", "")),
        id=element.get("id", ""),
        text=_squeezed(element.text_content()),
    )


def _form(element: html.HtmlElement, owned: Sequence[html.HtmlElement], base: str) -> Form:
    return Form(
        action=resolved(base, element.get("action", "") or base),
        method=element.get("method", "get").strip().upper(),
        encoding=element.get("enctype", "").strip().lower(),
        controls=tuple(one for own in owned for one in _controls(own, base)),
    )


def _owned(root: html.HtmlElement) -> Mapping[html.HtmlElement, Sequence[html.HtmlElement]]:
    """Give the enabled controls of each form: those within it, and those elsewhere that name it."""
    owned: dict[html.HtmlElement, list[html.HtmlElement]] = {form: [] for form in root.iter("form")}
    by_id = {form.get("id"): form for form in reversed(owned)}
    for control in root.iter("input", "button", "select", "textarea"):
        named = control.get("form")
        form = by_id.get(named) if named is not None else next(control.iterancestors("form"), None)
        off = (one for one in control.iterancestors("fieldset") if one.get("disabled") is not None)
        if form is not None and control.get("disabled") is None and next(off, None) is None:
            owned[form].append(control)
    return owned


def _controls(element: html.HtmlElement, base: str) -> Iterator[Control]:
    """Yield what one element puts into a form; a choice of several yields each that is chosen."""
    name, own = element.get("name", ""), element.get("id", "")
    action = resolved(base, element.get("formaction", "")) if element.get("formaction") else ""
    match element.tag:
        case "select":
            for value in _chosen(element):
                yield Control(name=name, kind="select", value=value, checked=True, id=own)
        case "textarea":
            yield Control(name=name, kind="textarea", value=element.text or "", checked=True, id=own)
        case "button":
            kind, value = element.get("type", "submit").lower(), element.get("value", "")
            text = _squeezed(element.text_content())
            if kind == "submit":
                yield Control(
                    name=name, kind=kind, value=value, checked=True, id=own, text=text, action=action
                )
        case _:
            kind = element.get("type", "text").strip().lower()
            ticks = kind in {"checkbox", "radio"}
            value = element.get("value", "on" if ticks else "")
            checked = element.get("checked") is not None if ticks else True
            if kind not in {"button", "reset"}:
                yield Control(
                    name=name, kind=kind, value=value, checked=checked, id=own, text=value, action=action
                )


def _chosen(select: html.HtmlElement) -> list[str]:
    options = [(one, one.get("value", (one.text_content() or "").strip())) for one in select.iter("option")]
    chosen = [value for one, value in options if one.get("selected") is not None]
    if chosen or select.get("multiple") is not None:
        return chosen
    return [value for _, value in options[:1]]
