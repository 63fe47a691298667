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
SEEN = ("[bold red]", "漢字", "xxx", "right to left", "$back", "two")
FORBIDDEN = [chr(c) for c in (*range(0x20), *range(0x7F, 0xA0), 0x202E, 0x2066, 0x202C)]


@pytest.fixture
def hostile_settings(office, tmp_path):
    """The office's warehouse, where everything that outsiders can name has a hostile name."""
    path = tmp_path / "hostile.db"
    with sqlite3.connect(office.settings.warehouse) as old, sqlite3.connect(path) as new:
        old.backup(new)
        new.create_function("hostile", 1, lambda key: HOSTILE[zlib.crc32(str(key).encode()) % len(HOSTILE)])
        new.execute("UPDATE ticket SET title = hostile(ticket_id), labels = json_array(hostile(ticket_id))")
        new.execute("UPDATE ticket SET status = hostile(status) WHERE status_category != 'done'")
        new.execute("UPDATE ticket SET type = hostile(ticket_id), priority = hostile(ticket_id || 'p')")
        new.execute("UPDATE sprint SET name = hostile(sprint_id)")
        new.execute("UPDATE ticket_link SET label = 'is blocked by' || hostile(other_key)")
        new.execute("UPDATE transition SET to_status = hostile(to_status), from_status = hostile(from_status)")
        new.execute("UPDATE person SET name = hostile(person_id)")
        new.execute("UPDATE git_commit SET subject = hostile(sha), body = hostile(sha), author_name = hostile(sha)")
        new.execute("UPDATE git_ref SET name = hostile(name) || name")
        new.execute("UPDATE file_change SET path = path || hostile(path)")
        new.execute("UPDATE dataset SET name = hostile(uri), group_name = hostile(uri)")
        for table in ("task", "task_run"):
            new.execute(f"UPDATE {table} SET task_id = hostile(task_id) || task_id, pool = hostile(pool)")
        new.execute("UPDATE pool SET name = hostile(name)")
        new.execute(
            """UPDATE pipeline SET owners = json_array(hostile(pipeline_id)), tags = json_array(hostile(pipeline_id)),
                                   schedule = hostile(pipeline_id), name = hostile(pipeline_id)"""
        )
        new.execute("UPDATE sync_state SET error = hostile(source)")
    new.close()
    return msgspec.structs.replace(office.settings, warehouse=path)


WAYS = {
    "engineers": ["1", *"jjj", "tab", *"jj"],
    "run": ["1", "tab", "enter", *"jj"],
    "related": ["1", "x", *"jjj"],
    "analysts": ["2", *"jjj"],
    "leads": ["3", *"jj", "tab", *"jj", "tab", *"jj", "tab", *"jj", "c"],
    "scientists": ["4", *"jj"],
    "stand-up": ["5", "space", "space", "space"],
    "sources": ["i"],
    "palette": ["ctrl+p", *"bold"],
}


@pytest.mark.parametrize("size", [(80, 24), (160, 45)], ids=["80x24", "160x45"])
@pytest.mark.parametrize("way", WAYS)
async def test_hostile_text_comes_out_as_plain_text(office, hostile_settings, size, way):
    async with opened(office, settings=hostile_settings).run_test(size=size) as pilot:
        await settled(pilot)
        for key in WAYS[way]:
            await press(pilot, key)
            lines = screen_lines(pilot)
            assert len(lines) == size[1]
            assert not [line for line in lines if any(c in line for c in FORBIDDEN)]
        assert any(
            piece in "\n".join(lines) for piece in ("[bold red]", "漢字", "xxx", "right to left", "$back", "two")
        )
