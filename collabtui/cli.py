"""The command line: a command a function, thin."""


def main() -> None:
    """Run the command line."""
