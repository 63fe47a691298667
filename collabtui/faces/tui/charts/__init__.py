"""Charts, each a widget or what plotext draws of an answer."""
