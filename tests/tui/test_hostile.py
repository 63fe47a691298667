"""Text from outside is text: no markup, no control codes, no line breaks reach the screen."""

import sqlite3
import zlib

import msgspec
import pytest

from tests.tui.driving import opened, press, screen_lines, settled

HOSTILE = [
    "[bold red]not bold[/bold red] [/] [link=http://x]",
    "\x1b[31mred\x1b[0m\x1b]0;title\x07 \x9b2J",
    "\u202eright to left\u202c \u2066isolated",
    "two\nlines\r\nand\ttabs\x00\x08",
    "👩‍👩‍👧‍👦 éè 漢字 ｗｉｄｅ",
    "x" * 10_000,
    "$background $primary @click=app.quit",
]
FORBIDDEN = [chr(c) for c in (*range(0x20), *range(0x7F, 0xA0), 0x202E, 0x2066, 0x202C)]


@pytest.fixture
def hostile_settings(office, tmp_path):
    """The office's warehouse, where everything that outsiders can name has a hostile name."""
    path = tmp_path / "hostile.db"
    with sqlite3.connect(office.settings.warehouse) as old, sqlite3.connect(path) as new:
        old.backup(new)
        new.create_function("hostile", 1, lambda key: HOSTILE[zlib.crc32(str(key).encode()) % len(HOSTILE)])
        new.execute("UPDATE ticket SET title = hostile(ticket_id)")
        new.execute("UPDATE person SET name = hostile(person_id)")
        new.execute(
            """UPDATE pipeline SET owners = json_array(hostile(pipeline_id)), tags = json_array(hostile(pipeline_id)),
                                   schedule = hostile(pipeline_id), name = hostile(pipeline_id)"""
        )
        new.execute("UPDATE sync_state SET error = hostile(source)")
    new.close()
    return msgspec.structs.replace(office.settings, warehouse=path)


@pytest.mark.parametrize("size", [(80, 24), (160, 45)], ids=["80x24", "160x45"])
async def test_hostile_text_comes_out_as_plain_text(office, hostile_settings, size):
    async with opened(office, settings=hostile_settings).run_test(size=size) as pilot:
        await settled(pilot)
        seen = ""
        for key in ("1", "2", "3", "tab", "tab", "i"):
            await press(pilot, key)
            for _ in range(3):
                if key != "i":
                    await press(pilot, "j")
                lines = screen_lines(pilot)
                assert len(lines) == size[1]
                seen += "\n".join(lines)
                assert not [line for line in lines if any(c in line for c in FORBIDDEN)]
        assert "[bold red]" in seen
        assert "漢字" in seen
