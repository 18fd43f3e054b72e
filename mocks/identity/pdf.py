"""Writes a card: one page of text as PDF (ISO 32000-1)."""

from html.parser import HTMLParser

__all__ = ["card", "text_of"]


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data.strip())


def text_of(html: str) -> list[str]:
    """Give the texts of a page, in order."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    return [part for part in parser.parts if part]


def card(lines: list[str]) -> bytes:
    """Give a page of the size of an identity card with these lines; what Latin-1 does not have becomes a question mark."""
    drawn = "".join(f"({_escaped(line[:60])}) Tj T*\n" for line in lines[:10])
    content = f"BT /F1 9 Tf 12 TL 14 130 Td\n{drawn}ET".encode("latin-1", "replace")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 243 153] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Font << /F1 5 0 R >> >>",
    )
    return _file(objects)


def _file(objects: tuple[bytes, ...]) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, one in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
