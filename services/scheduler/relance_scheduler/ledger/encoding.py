"""Which encoding a text is in: declared, marked by its first bytes, or guessed and said so."""

import codecs
from dataclasses import dataclass
from typing import IO

from charset_normalizer import from_bytes

_BLOCK = 1 << 20
_SAMPLE = 1 << 18
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WESTERN = "cp1252"
_GUESSES = [_WESTERN, "cp1250", "cp1251", "cp1253", "cp1254", "utf_16_le", "utf_16_be"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """`remark` says what was guessed; `undecodable_line` is the first that is not in it, or 0."""

    name: str
    remark: str = ""
    undecodable_line: int = 0


def choose_encoding(file: IO[bytes], declared: str | None) -> Encoding:
    """Reads the whole file once, so that a wrong encoding is known before anything is done."""
    start = file.read(4)
    marked = next((name for mark, name in _MARKS if start.startswith(mark)), None)
    if declared and not (marked and codecs.lookup(declared).name == "utf-8"):
        return _checked(file, declared)
    if marked:
        return _checked(file, marked)
    file.seek(0)
    wide = file.read(_BLOCK).count(b"\0") > _BLOCK // 1000
    unicode = _checked(file, "utf-8")
    if not unicode.undecodable_line and not wide:
        return unicode
    return _guessed(file)


def _guessed(file: IO[bytes]) -> Encoding:
    name = _likeliest(_telling_sample(file))
    checked = _checked(file, name)
    remark = f"read as {name}, which is a guess: declare “encoding: {name}” in the mapping if right"
    return Encoding(name=name, remark=remark, undecodable_line=checked.undecodable_line)


def _likeliest(sample: bytes) -> str:
    matches = from_bytes(sample, cp_isolation=_GUESSES)
    best = matches.best()
    if best is None:
        return _WESTERN
    for match in matches:
        # Where French fits as well as Polish, it is the likelier for our readers.
        if match.chaos <= best.chaos and _WESTERN in match.could_be_from_charset:
            return _WESTERN
    return best.encoding.replace("_", "-")


def _telling_sample(file: IO[bytes]) -> bytes:
    """The bytes from a little before the first that is not ASCII."""
    file.seek(0)
    offset = 0
    while block := file.read(_BLOCK):
        if not block.isascii() or b"\0" in block:
            early = next(i for i, byte in enumerate(block) if byte > 127 or not byte)
            file.seek(max(0, offset + early - 1000) // 2 * 2)
            return file.read(_SAMPLE)
        offset += len(block)
    return b""


def _checked(file: IO[bytes], name: str) -> Encoding:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(name)()
    lines = 1
    while True:
        block = file.read(_BLOCK)
        try:
            decoder.decode(block, final=not block)
        except UnicodeError as error:
            before = block[: error.start] if isinstance(error, UnicodeDecodeError) else b""
            return Encoding(name=name, undecodable_line=lines + before.count(b"\n"))
        if not block:
            return Encoding(name=name)
        lines += block.count(b"\n")
