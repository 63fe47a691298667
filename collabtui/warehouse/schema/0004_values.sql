-- What capacity and compute forecast: a value of a period to come (tickets, slot-hours), and what it was once it is over.
-- question: throughput or arrivals (source: '', for a team has tickets of many; subject: the team), slot-hours day or
-- slot-hours week (subject: the pool). naive: the last whole period's value.
CREATE TABLE value_forecast (
    forecast_id INTEGER PRIMARY KEY, question TEXT NOT NULL, source TEXT NOT NULL, subject TEXT NOT NULL,
    made_at INTEGER NOT NULL, from_at INTEGER NOT NULL, until_at INTEGER NOT NULL, model TEXT NOT NULL,
    history_n INTEGER NOT NULL, p15 REAL NOT NULL, p50 REAL NOT NULL, p85 REAL NOT NULL, naive REAL NOT NULL,
    outcome REAL, score REAL,
    UNIQUE (question, source, subject, from_at)
);
CREATE UNIQUE INDEX value_forecast_open ON value_forecast (question, source, subject) WHERE outcome IS NULL;
CREATE INDEX value_forecast_by_end ON value_forecast (question, until_at) WHERE outcome IS NOT NULL;
