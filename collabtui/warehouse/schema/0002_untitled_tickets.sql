-- A ticket's title may not be ours to see; and it is noted when a source last gave something, however the sync ended.

ALTER TABLE sync_state ADD COLUMN seen_at INTEGER;

DROP VIEW IF EXISTS ticket_iso;
CREATE TABLE ticket_2 (
    source TEXT NOT NULL, ticket_id TEXT NOT NULL, ticket_key TEXT NOT NULL, project TEXT NOT NULL,
    title TEXT, type TEXT, is_epic INTEGER NOT NULL, is_subtask INTEGER NOT NULL, status TEXT,
    status_id TEXT, status_category TEXT, priority TEXT, resolution TEXT, assignee_id TEXT,
    reporter_id TEXT, created_at INTEGER, updated_at INTEGER, resolved_at INTEGER, due_on TEXT,
    parent_id TEXT, epic_id TEXT, epic_key TEXT, story_points REAL, is_flagged INTEGER,
    labels TEXT NOT NULL, components TEXT NOT NULL, fix_versions TEXT NOT NULL, url TEXT, gone_at INTEGER,
    PRIMARY KEY (source, ticket_id)
) WITHOUT ROWID;
INSERT INTO ticket_2 SELECT * FROM ticket;
DROP TABLE ticket;
ALTER TABLE ticket_2 RENAME TO ticket;
CREATE INDEX ticket_by_key ON ticket (ticket_key);
CREATE INDEX ticket_by_epic ON ticket (source, epic_id);
