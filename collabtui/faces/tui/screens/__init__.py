"""Screens of their own, which rows and keys lead to."""
