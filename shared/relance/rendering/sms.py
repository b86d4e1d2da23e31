"""How many segments a text message takes: GSM-7 where it can, UCS-2 where it must (3GPP 23.038)."""

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWO_PLACES = frozenset("^{}\\[~]|€")
_TYPEWRITTEN = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...",
     "\u00a0": " ", "\u202f": " ", "\u2011": "-", "−": "-"}
)  # fmt: skip
MOST_SEGMENTS = 3


def typewritten(text: str) -> str:
    """Typographic signs as a typewriter has them: one curly quote would halve a message's room."""
    return text.translate(_TYPEWRITTEN)


def segments(text: str) -> int:
    """Segments the text is sent and charged as; at most `MOST_SEGMENTS` may be sent."""
    if all(sign in _GSM or sign in _TWO_PLACES for sign in text):
        places = len(text) + sum(sign in _TWO_PLACES for sign in text)
        return _split(places, alone=160, joined=153)
    return _split(len(text.encode("utf-16-be", "replace")) // 2, alone=70, joined=67)


def _split(places: int, *, alone: int, joined: int) -> int:
    return 1 if places <= alone else -(-places // joined)
