"""Header lines written by ourselves, so that data can never become a header.

The standard library of 3.10.13, 3.11.7 and 3.12.1 decodes encoded words found in data and writes
the line breaks they hide (reliability §7). Here data is stripped of both before it is encoded.
"""

import base64
import re

_WORD_OPENING = re.compile(r"=+\?")
_PLAIN = re.compile(r"[\x20-\x7e]*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_LINE_WIDTH = 76
# 39 bytes make 52 characters of base64: with `Subject: =?utf-8?b??=` a line stays under 76.
_WORD_BYTES = 39
_LONGEST_VALUE = 900  # signs; SMTP carries at most 998 on a line
# Controls, line and paragraph separators, lone surrogates: the categories Cc, Zl, Zp and Cs.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# Embeddings, overrides and isolates can show a reader another name than the one written.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile(" +")
_NAME = re.compile(r"[A-Za-z-]+")


def inert(text: str) -> str:
    """The datum on one line, without control signs and without the opening of an encoded word."""
    flat = text if text.isprintable() else _UNPRINTABLE.sub(" ", _BIDI.sub("", text))
    return _SPACES.sub(" ", _WORD_OPENING.sub("?", flat))[:_LONGEST_VALUE].strip()


def header(name: str, words: str) -> bytes:
    """One folded header; `words` must already be ASCII made by this module or checked."""
    if not _PLAIN.fullmatch(words) or not _NAME.fullmatch(name):
        raise ValueError(f"the header {name} would hold more than printable ASCII")
    first, *others = words.split(" ")
    lines = [f"{name}: {first}"]
    for word in others:
        if len(lines[-1]) + 1 + len(word) > _LINE_WIDTH and word:
            lines.append("")
        lines[-1] += f" {word}"
    return "\r\n".join(lines).encode("ascii") + b"\r\n"


def unstructured(text: str) -> str:
    """A subject as ASCII: plain where it can be, else RFC 2047 words."""
    safe = inert(text)
    return safe if _PLAIN.fullmatch(safe) else _encoded_words(safe)


def phrase(text: str) -> str:
    """A display name as ASCII: atoms, a quoted string, or RFC 2047 words."""
    safe = inert(text)
    if _ATOMS.fullmatch(safe):
        return safe
    if _PLAIN.fullmatch(safe):
        return '"' + safe.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return _encoded_words(safe)


def _encoded_words(text: str) -> str:
    left, words = text.encode("utf-8"), []
    while len(left) > _WORD_BYTES:
        end = _WORD_BYTES
        while left[end] & 0xC0 == 0x80:  # within a sign
            end -= 1
        words.append(left[:end])
        left = left[end:]
    words.append(left)
    return " ".join(f"=?utf-8?b?{base64.b64encode(word).decode('ascii')}?=" for word in words)
