"""Files as people and their enemies make them, made when they are needed."""

import struct
import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

HTML = b"<!DOCTYPE html><html><body><script>alert(document.cookie)</script></body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'

_MAIN = {
    "docx": ("word/document.xml", "wordprocessingml.document"),
    "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet"),
    "pptx": ("ppt/presentation.xml", "presentationml.presentation"),
}


def pdf(text: str = "MoU") -> bytes:
    """A page with a line of text, small and whole."""
    stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode("latin-1", "replace")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    )
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    table = b"xref\n0 5\n0000000000 65535 f \n" + rows
    return out + table + b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(out)


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(4))) + chunk(b"IEND", b"")


def jpeg(inside: bytes = b"") -> bytes:
    """The head of a photo, with `inside` as its comment."""
    comment = b"\xff\xfe" + struct.pack(">H", len(inside) + 2) + inside
    jfif = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    return jfif + comment + bytes(64) + b"\xff\xd9"


def heic() -> bytes:
    return struct.pack(">I", 24) + b"ftypheic" + bytes(4) + b"heicmif1" + bytes(200)


def webp() -> bytes:
    return b"RIFF" + struct.pack("<I", 92) + b"WEBPVP8 " + bytes(84)


def archive(parts: dict[str, bytes], method: int = ZIP_DEFLATED) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", method) as packed:
        for name, body in parts.items():
            # Of one day always, so that the same parts make the same archive.
            packed.writestr(ZipInfo(name, (2026, 11, 24, 7, 0, 0)), body, method)
    return out.getvalue()


def office(kind: str = "docx", more: dict[str, bytes] | None = None, types: bytes = b"") -> bytes:
    """A Word, Excel or PowerPoint document with what such a one must have, and `more` parts."""
    part, name = _MAIN[kind]
    main = b"application/vnd.openxmlformats-officedocument.%s.main+xml" % name.encode()
    listed = b'<Types><Override PartName="/%s" ContentType="%s"/></Types>' % (part.encode(), types or main)
    return archive({"[Content_Types].xml": listed, "_rels/.rels": b"<r/>", part: b"<x/>", **(more or {})})
