-- Forecasts are scored against naive, and a champion whose score drifts begins anew.

ALTER TABLE forecast ADD COLUMN naive_at INTEGER;
ALTER TABLE forecast ADD COLUMN readiness REAL;
CREATE INDEX forecast_by_outcome ON forecast (question, outcome_at) WHERE outcome_at IS NOT NULL;
CREATE TABLE retraining (
    question TEXT NOT NULL, source TEXT NOT NULL, subject TEXT NOT NULL, at INTEGER NOT NULL, since_at INTEGER NOT NULL,
    reason TEXT NOT NULL, PRIMARY KEY (question, source, subject)
) WITHOUT ROWID;
