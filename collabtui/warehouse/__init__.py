"""The SQLite file: schema and migrations, writes, reads as polars frames."""

from collabtui.warehouse.store import Warehouse, WarehouseError

__all__ = ["Warehouse", "WarehouseError"]
