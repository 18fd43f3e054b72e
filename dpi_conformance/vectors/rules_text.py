"""Rules for text: every script and mark must come back unharmed or be refused."""

from collections.abc import Iterator
from typing import Any

from dpi_conformance.i18n import N_
from dpi_conformance.model.vectors import Expectation
from dpi_conformance.vectors.drafts import ABSENT
from dpi_conformance.vectors.scripts import NAMES, TEXTS
from dpi_conformance.vectors.sites import Site
from dpi_conformance.vectors.trials import Subject, Trial, noted
from dpi_conformance.vectors.writing import SLOT

__all__ = ["texts"]

_UNHARMED = Expectation.UNHARMED
_ASTRAL = "😀"
_FRESH = 3
"""Characters of a fresh identifier that keep an identifier unique where text is put in front."""
_NOT_ECHOED = "lone-surrogate"
"""No caller could read it in an answer (RFC 8259, 8.2)."""


def texts(subject: Subject) -> Iterator[Trial]:
    """Give the trials with each script at each place for text, and with stored text where it is read back."""
    for site in subject.sites:
        pointer = subject.known.echo.get(str(site.place))
        if pointer is not None:
            yield from _echoed(subject, site, pointer)
        elif subject.free(site.place):
            yield from _free(subject, site)
    for prefix, fields in subject.known.texts.items():
        for field, pointer in fields.items():
            yield from _stored(subject, prefix, field, pointer)


def _echoed(subject: Subject, site: Site, pointer: str) -> Iterator[Trial]:
    """Put text in an identifier that the acknowledgement repeats; a fresh tail keeps it unique."""
    longest = site.limit("maxLength")
    for script, text in TEXTS.items():
        if script == _NOT_ECHOED and site.place.location != "body":
            continue  # a URL cannot carry it
        room = (longest or 50) - _FRESH
        value = f"{text[:room]}{{{{id:{_FRESH}}}}}"
        echo = () if script == _NOT_ECHOED else ((value, pointer),)
        yield _trial(subject, site, value, script, echo=echo)


def _free(subject: Subject, site: Site) -> Iterator[Trial]:
    longest = site.limit("maxLength")
    for script, text in TEXTS.items():
        yield _trial(subject, site, text[:longest], script)
    if longest:
        note = noted(N_("{count} characters of 4 bytes each"), count=longest)
        yield _trial(subject, site, _ASTRAL * longest, "code-points", note=note)


def _stored(subject: Subject, prefix: str, field: str, pointer: str) -> Iterator[Trial]:
    """Ask for what a step stored in each script, and expect the same text back."""
    for script in TEXTS:
        if script == _NOT_ECHOED:
            continue
        name = f"{prefix}-{script}"
        draft = subject.base
        for site in subject.sites:
            if draft.value(site.place) is not ABSENT:
                draft = draft.with_value(site.place, _renamed(site.value, prefix, name))
        yield subject.trial(
            "text",
            f"{prefix}.{field}",
            _UNHARMED,
            draft,
            keyword=script,
            note=noted(N_("stored text is read back: {script_text}"), script_text=NAMES[script]),
            needs=tuple(name if need == prefix else need for need in subject.known.needs),
            echo=((f"{{{{{name}.{field}}}}}", pointer),),
        )


def _renamed(value: Any, prefix: str, name: str) -> Any:
    if isinstance(value, str):
        return SLOT.sub(
            lambda match: (
                f"{{{{{name}.{match[1].partition('.')[2]}}}}}"
                if match[1].startswith(f"{prefix}.")
                else match[0]
            ),
            value,
        )
    if isinstance(value, dict):
        return {key: _renamed(member, prefix, name) for key, member in value.items()}
    return [_renamed(item, prefix, name) for item in value] if isinstance(value, list) else value


def _trial(subject: Subject, site: Site, value: str, script: str, **more: Any) -> Trial:
    note = noted(
        N_("text in {place}: {script_text}"), place=str(site.place), script_text=NAMES.get(script, script)
    )
    return subject.varied("text", site.place, _UNHARMED, value, keyword=script, **{"note": note, **more})
