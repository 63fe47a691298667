"""A warehouse is opened by many at once: the app's readers, its sync, a second app."""

from concurrent.futures import ThreadPoolExecutor

from collabtui.warehouse import Warehouse


def test_a_new_warehouse_may_be_opened_by_many_at_once(tmp_path):
    for attempt in range(20):
        path = tmp_path / f"{attempt}.db"
        with ThreadPoolExecutor(2) as pool:
            opened = list(pool.map(lambda _, path=path: Warehouse(path), range(2)))
        assert {warehouse.rows("SELECT count(*) FROM run")[0] for warehouse in opened} == {(0,)}
        for warehouse in opened:
            warehouse.close()
