"""A text of any size on disk: where its lines begin is kept, the lines themselves are read when they are looked at.

One thread may append while another reads. The file has no name and goes when it is closed, or with the process.
"""

import re
import tempfile
import threading
from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence

from collabtui.faces.plain import plain

LONGEST = 16_000
"""Of a longer line so many bytes are shown."""
MOST_BYTES = 2**30
"""A text that goes on after this is cut off: somebody's disk is not ours to fill."""
CHUNK = 2**20
ERRORS = (b"ERROR", b"CRITICAL", b"FATAL", b"Traceback (most recent call last)")
"""What a line has that is worth jumping to."""
_COLOURS = re.compile("\x1b\\[[0-9;]*m")


class TextFile:
    """Lines, counted from 0; an unfinished last line is one, too."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="collabtui-")  # noqa: SIM115 - closed by `close`
        self._lock = threading.Lock()
        self._starts = array("Q", [0])
        self.size = 0
        """In bytes."""

    def close(self) -> None:
        """Let go of the file; whoever still appends gets a `ValueError`."""
        with self._lock:
            self._file.close()

    def append(self, piece: bytes) -> None:
        """Add to the end. Raises `OSError` where there is no more room, or the text is longer than `MOST_BYTES`."""
        if self.size + len(piece) > MOST_BYTES:
            raise OSError(f"it is longer than {MOST_BYTES >> 20:,} MB; what follows is left out")
        with self._lock:
            self._file.seek(self.size)
            self._file.write(piece)
            self._starts.extend(self.size + match.end() for match in re.finditer(b"\n", piece))
            self.size += len(piece)

    def __len__(self) -> int:
        starts = len(self._starts)
        return starts - 1 if self._starts[starts - 1] == self.size else starts

    def line(self, index: int) -> str:
        """One line as it may be shown: colours gone, nothing in it obeyed."""
        start = self._starts[index]
        end = self._starts[index + 1] - 1 if index + 1 < len(self._starts) else self.size
        text = plain(
            _COLOURS.sub("", self._read(start, min(end - start, LONGEST)).decode(errors="replace").rstrip("\r"))
        )
        return f"{text}… and {end - start - LONGEST:,} bytes more" if end - start > LONGEST else text

    def find(self, words: str, line: int, *, backwards: bool = False) -> int | None:
        """The next line after this one (before it) that has the words, ASCII letters in either case."""
        wanted = words.encode().lower()
        return self._seek([wanted], line, backwards, bytes.lower) if wanted else None

    def find_seen(self, words: str, line: int, seen: Callable[[str], str], *, backwards: bool = False) -> int | None:
        """As `find`, in the text as `seen` changes it, which must keep its lines; some twenty times as slow."""
        wanted = words.lower()
        lowest, highest = (0, line) if backwards else (line + 1, len(self))
        while wanted and lowest < highest:
            if backwards:
                begin, end = max(lowest, min(highest - 1, self._line_at(self._starts[highest] - CHUNK))), highest
            else:
                begin, end = lowest, min(highest, self._line_at(self._starts[lowest] + CHUNK) + 1)
            raw = self._read(self._starts[begin], self._end(end - 1) - self._starts[begin])
            text = seen(_COLOURS.sub("", raw.decode(errors="replace"))).lower()
            place = text.rfind(wanted) if backwards else text.find(wanted)
            if place >= 0:
                return begin + text.count("\n", 0, place)
            lowest, highest = (lowest, begin) if backwards else (end, highest)
        return None

    def find_error(self, line: int, *, backwards: bool = False) -> int | None:
        """The next line after this one (before it) that tells of an error."""
        return self._seek(ERRORS, line, backwards, bytes)

    def _seek(self, wanted: Sequence[bytes], line: int, backwards: bool, made: Callable[[bytes], bytes]) -> int | None:
        """In pieces, so that no other thread waits long for this one."""
        overlap = max(map(len, wanted)) - 1
        lowest, highest = (0, self._starts[line]) if backwards else (self._end(line), self.size)
        limit = highest
        while lowest < highest:
            start = max(lowest, highest - CHUNK) if backwards else lowest
            end = highest if backwards else min(highest, lowest + CHUNK)
            piece = made(self._read(start, min(end + overlap, limit) - start))
            places = [at for one in wanted if (at := piece.rfind(one) if backwards else piece.find(one)) >= 0]
            if places:
                return self._line_at(start + (max(places) if backwards else min(places)))
            lowest, highest = (lowest, start) if backwards else (end, highest)
        return None

    def _line_at(self, place: int) -> int:
        """The line with this byte."""
        return bisect_right(self._starts, place) - 1

    def _end(self, line: int) -> int:
        """Where the line after it begins."""
        return self._starts[line + 1] if line + 1 < len(self._starts) else self.size

    def _read(self, start: int, count: int) -> bytes:
        with self._lock:
            self._file.seek(start)
            return self._file.read(count)
