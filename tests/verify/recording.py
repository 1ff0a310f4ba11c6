"""Tables that keep which calls were made, on which tables."""

from tests.fakes import FakeTables


class RecordingTables(FakeTables):
    """`calls`: ("get", table), ("update", table), ("write", (action, table), …)."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def get(self, table, key, *, only=()):
        self.calls.append(("get", table))
        return super().get(table, key, only=only)

    def write(self, *actions):
        self.calls.append(("write", *((type(a).__name__, a.table) for a in actions)))
        super().write(*actions)
