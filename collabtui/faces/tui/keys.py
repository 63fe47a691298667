"""Which keys do what, as `[keys]` in the config changes it: checked before the app starts."""

import re
from collections.abc import Iterable, Mapping

from textual.binding import Binding, BindingType
from textual.keys import Keys, _character_to_key

from collabtui.config import ConfigError

NAMED = {key.value for key in Keys} | {"space", "minus", "plus", "comma"}
MODIFIED = re.compile(r"(?:(?:ctrl|alt|shift|super)\+)+(?P<key>.+)")


def keymap(wanted: Mapping[str, str], bindings: Iterable[BindingType]) -> dict[str, str]:
    """What Textual takes: keys by the id of what they do.

    wanted: as in the config, `filter = "ctrl+f"`, several keys with commas between; what is not named keeps its keys.
    Raises `ConfigError` for what cannot be done, a key that is none, or one that would do two things.
    """
    known = {b.id: b.key for b in bindings if isinstance(b, Binding) and b.id}
    for name in wanted:
        if name not in known:
            raise ConfigError(f"[keys] {name} is nothing that a key does; there are {', '.join(sorted(known))}")
    changed = {name: ",".join(_key(name, part) for part in _split(text)) for name, text in wanted.items()}
    does: dict[str, str] = {}
    for name, keys in {**known, **changed}.items():
        for key in keys.split(","):
            if does.setdefault(key, name) != name:
                raise ConfigError(f"[keys] {key} would be both {does[key]} and {name}; give one of them another key")
    return changed


def _split(text: str) -> list[str]:
    """Keys between commas; a comma alone is that key."""
    return [text] if text == "," else [part.strip() for part in text.split(",")]


def _key(name: str, text: str) -> str:
    modified = MODIFIED.fullmatch(text)
    bare = modified["key"] if modified else text
    if len(bare) == 1:
        bare = _character_to_key(bare)
    elif bare not in NAMED:
        raise ConfigError(f"[keys] {name} = {text!r}: no key is called that; write x, X, ctrl+x, f5, space, enter, …")
    return text[: len(text) - len(modified["key"])] + bare if modified else bare
