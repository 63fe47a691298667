"""Texts that a source is asked for when somebody wants to read them: logs, code, what tickets say."""
