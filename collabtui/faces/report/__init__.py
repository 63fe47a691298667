"""Answers as text, for people in a terminal and for other programs."""

from collabtui.faces.report.tables import FORMATS, render

__all__ = ["FORMATS", "render"]
