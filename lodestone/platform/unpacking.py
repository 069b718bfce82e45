"""The bodies of answers, unpacked within a limit, and the charset that they are read in."""

import codecs
import zlib

import httpx

from lodestone.platform.errors import LodestoneError

_GZIP = zlib.MAX_WBITS | 16


class AnswerTooLarge(LodestoneError):
    """The other side sent more than we take."""

    code = "answer_too_large"
    status = 502


class Unpacker:
    """Unpacks a body piece by piece, and never more than is taken.

    Source: https://www.rfc-editor.org/rfc/rfc9110#field.content-encoding
    """

    def __init__(self, encoding: str, largest: int) -> None:
        """Raises: httpx.RemoteProtocolError for an encoding that nobody asked for."""
        names = [name.strip().lower() for name in encoding.split(",")]
        names = [name for name in names if name not in {"", "identity"}]
        if names not in ([], ["gzip"], ["x-gzip"]):
            raise httpx.RemoteProtocolError(f"The answer is packed as {', '.join(names)[:60]}.")
        self._largest = largest
        self._packed_bytes = 0
        self._unpack = zlib.decompressobj(_GZIP) if names else None
        self.body = bytearray()

    def take(self, piece: bytes) -> None:
        """Raises: AnswerTooLarge, httpx.RemoteProtocolError when it can't be unpacked."""
        self._packed_bytes += len(piece)
        while piece and self._unpack is not None:
            room = self._largest - len(self.body) + 1
            try:
                self.body += self._unpack.decompress(piece, max(room, 1))
            except zlib.error as error:
                raise httpx.RemoteProtocolError("The answer can't be unpacked.") from error
            self._measure()
            piece = self._unpack.unconsumed_tail
            if self._unpack.eof:
                piece, self._unpack = self._unpack.unused_data, zlib.decompressobj(_GZIP)
        if self._unpack is None:
            self.body += piece
        self._measure()

    def _measure(self) -> None:
        # Packed it may be a little larger, for what can't be packed: 64 kB is more than that.
        if len(self.body) > self._largest or self._packed_bytes > self._largest + 65_536:
            raise AnswerTooLarge(f"The answer is larger than {self._largest} bytes.")


# Python knows them and no page is written in them; some take minutes for a megabyte.
_NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})


def charset_of(answer: httpx.Response) -> str:
    """Return the charset that an answer names, as far as it is one of texts."""
    named = answer.charset_encoding or "utf-8"
    try:
        known = codecs.lookup(named).name
        if known.replace("_", "-") in _NO_CHARSETS:
            return "utf-8"
        # Raises LookupError for what is none of texts: those unpack.
        "".encode(known)
    except LookupError:
        return "utf-8"
    return named
