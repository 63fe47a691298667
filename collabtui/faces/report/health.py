"""What `collabtui doctor` and `collabtui init` print of a check."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from collabtui.faces.plain import plain

if TYPE_CHECKING:
    from collabtui.doctor import Diagnosis

MARKS = {"ok": "✔", "warning": "▲", "error": "✖"}


def diagnosis_lines(diagnosis: "Diagnosis") -> Iterator[str]:
    """A heading, then a line a finding, each with what to do about it."""
    version = f" ({plain(diagnosis.version)})" if diagnosis.version else ""
    yield f"{diagnosis.subject}{version}"
    for finding in diagnosis.findings:
        yield f"  {MARKS[finding.level]} {plain(finding.text)}"
        if finding.advice:
            yield f"      {plain(finding.advice)}"
