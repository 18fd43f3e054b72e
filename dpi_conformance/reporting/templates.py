"""Jinja templates of a pack's renderers: escaping, the reader's language, and data that shows what it hides."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dpi_conformance.model.report import Sentence
from dpi_conformance.reporting import labels
from dpi_conformance.reporting.language import Language
from dpi_conformance.reporting.visible import name_of, pieces, visible

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

__all__ = ["data", "html_environment", "markdown_code", "markdown_environment", "markdown_text"]

_MARKDOWN = re.compile(r"([\\`*_\[\]<>#!|~&@$]|(?<=:)//|(?<=www)\.)")


def html_environment(folder: Path, language: Language) -> "Environment":
    """Make an environment whose output is HTML: everything is escaped that is not markup of the template."""
    environment = _environment(folder, language, autoescape=True)
    environment.filters |= {"data": data, "bdi": lambda value: _bdi(str(value)), "plain": visible}
    return environment


def markdown_environment(folder: Path, language: Language) -> "Environment":
    """Make an environment whose output is GitHub's Markdown; the filters ``md`` and ``code`` make text inert."""
    environment = _environment(folder, language, autoescape=False)
    environment.filters |= {"md": markdown_text, "code": markdown_code, "plain": visible}
    return environment


def _environment(folder: Path, language: Language, *, autoescape: bool) -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 -- for reports only

    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=autoescape,  # noqa: S701 -- Markdown has filters of its own
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    translations: Any = environment  # the extension adds its methods at run time
    translations.install_gettext_callables(language.gettext, language.ngettext, newstyle=True)
    environment.filters |= {
        "text": language.text,
        "say": lambda sentence: _say(language, sentence),
        "num": language.number,
        "pct": language.percent,
        "moment": language.moment,
    }
    environment.globals |= {"labels": labels, "language": language}
    return environment


def _say(language: Language, sentence: Any) -> str:
    if sentence is None:
        return ""
    return language.translate(sentence.message if isinstance(sentence, Sentence) else sentence)


def data(text: str) -> "Markup":
    """Escape a text of the product's or the vector's, with every hidden character shown and named."""
    from markupsafe import Markup, escape  # noqa: PLC0415 -- for reports only

    mark = Markup('<span class="hid" title="{}">U+{:04X}</span>')
    return Markup("").join(
        mark.format(name_of(piece), ord(piece)) if hidden else escape(piece)
        for hidden, piece in pieces(str(text))
    )


def _bdi(text: str) -> "Markup":
    """Isolate data in running text, so that its direction does not disturb the sentence's."""
    from markupsafe import Markup  # noqa: PLC0415 -- for reports only

    return Markup("<bdi>") + data(text) + Markup("</bdi>")


def markdown_text(text: str) -> str:
    """Escape a text for running Markdown or a table: no markup, link, mention or line break of its own."""
    return _MARKDOWN.sub(r"\\\1", " ".join(str(text).split()))


def markdown_code(text: str) -> str:
    """Put data into a code span that it cannot close; cut at 300 characters."""
    shown = " ".join(visible(str(text)).split()).replace("|", "¦") or "–"
    shown = f"{shown[:300]} …" if len(shown) > 300 else shown
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    space = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{space}{shown}{space}{fence}"
