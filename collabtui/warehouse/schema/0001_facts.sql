-- Facts as the sources told them. Times (`_at`) are microseconds since 1970 in UTC, days (`_on`) ISO texts,
-- lists JSON texts. `gone_at`: when a sync saw that the source no longer has the row.
CREATE TABLE pipeline (
    source TEXT NOT NULL, pipeline_id TEXT NOT NULL, name TEXT NOT NULL, description TEXT, schedule TEXT,
    owners TEXT NOT NULL, tags TEXT NOT NULL, is_paused INTEGER, has_import_errors INTEGER, file TEXT,
    next_run_at INTEGER, max_active_runs INTEGER, url TEXT, gone_at INTEGER,
    PRIMARY KEY (source, pipeline_id)
) WITHOUT ROWID;

CREATE TABLE task (
    source TEXT NOT NULL, pipeline_id TEXT NOT NULL, task_id TEXT NOT NULL, operator TEXT, owner TEXT,
    pool TEXT, trigger_rule TEXT, retries INTEGER, is_mapped INTEGER, downstream TEXT NOT NULL,
    gone_at INTEGER,
    PRIMARY KEY (source, pipeline_id, task_id)
) WITHOUT ROWID;

CREATE TABLE run (
    source TEXT NOT NULL, pipeline_id TEXT NOT NULL, run_id TEXT NOT NULL, state TEXT NOT NULL,
    run_type TEXT, logical_at INTEGER, interval_start_at INTEGER, interval_end_at INTEGER, due_at INTEGER,
    queued_at INTEGER, start_at INTEGER, end_at INTEGER, triggered_by TEXT, note TEXT, gone_at INTEGER,
    PRIMARY KEY (source, pipeline_id, run_id)
) WITHOUT ROWID;

CREATE TABLE task_run (
    source TEXT NOT NULL, pipeline_id TEXT NOT NULL, run_id TEXT NOT NULL, task_id TEXT NOT NULL,
    map_index INTEGER NOT NULL, try_number INTEGER NOT NULL, state TEXT, is_latest INTEGER NOT NULL,
    scheduled_at INTEGER, queued_at INTEGER, start_at INTEGER, end_at INTEGER, duration_s REAL,
    max_tries INTEGER, pool TEXT, pool_slots INTEGER, operator TEXT, hostname TEXT, gone_at INTEGER,
    PRIMARY KEY (source, pipeline_id, run_id, task_id, map_index, try_number)
) WITHOUT ROWID;

CREATE TABLE pool (
    source TEXT NOT NULL, name TEXT NOT NULL, slots INTEGER NOT NULL, open_slots INTEGER,
    running_slots INTEGER, queued_slots INTEGER, scheduled_slots INTEGER, deferred_slots INTEGER,
    description TEXT, gone_at INTEGER,
    PRIMARY KEY (source, name)
) WITHOUT ROWID;

CREATE TABLE dataset (
    source TEXT NOT NULL, uri TEXT NOT NULL, name TEXT, group_name TEXT, gone_at INTEGER,
    PRIMARY KEY (source, uri)
) WITHOUT ROWID;

CREATE TABLE dataset_edge (
    source TEXT NOT NULL, uri TEXT NOT NULL, pipeline_id TEXT NOT NULL, task_id TEXT NOT NULL,
    role TEXT NOT NULL, gone_at INTEGER,
    PRIMARY KEY (source, uri, pipeline_id, task_id, role)
) WITHOUT ROWID;

CREATE TABLE dataset_event (
    source TEXT NOT NULL, event_id TEXT NOT NULL, uri TEXT NOT NULL, at INTEGER NOT NULL, pipeline_id TEXT,
    task_id TEXT, run_id TEXT, map_index INTEGER, triggered TEXT NOT NULL, gone_at INTEGER,
    PRIMARY KEY (source, event_id)
) WITHOUT ROWID;

CREATE TABLE import_problem (
    source TEXT NOT NULL, problem_id TEXT NOT NULL, at INTEGER, file TEXT, text TEXT, gone_at INTEGER,
    PRIMARY KEY (source, problem_id)
) WITHOUT ROWID;

CREATE TABLE component_health (
    source TEXT NOT NULL, component TEXT NOT NULL, status TEXT, heartbeat_at INTEGER, gone_at INTEGER,
    PRIMARY KEY (source, component)
) WITHOUT ROWID;

CREATE TABLE ticket (
    source TEXT NOT NULL, ticket_id TEXT NOT NULL, ticket_key TEXT NOT NULL, project TEXT NOT NULL,
    title TEXT NOT NULL, type TEXT, is_epic INTEGER NOT NULL, is_subtask INTEGER NOT NULL, status TEXT,
    status_id TEXT, status_category TEXT, priority TEXT, resolution TEXT, assignee_id TEXT,
    reporter_id TEXT, created_at INTEGER, updated_at INTEGER, resolved_at INTEGER, due_on TEXT,
    parent_id TEXT, epic_id TEXT, epic_key TEXT, story_points REAL, is_flagged INTEGER,
    labels TEXT NOT NULL, components TEXT NOT NULL, fix_versions TEXT NOT NULL, url TEXT, gone_at INTEGER,
    PRIMARY KEY (source, ticket_id)
) WITHOUT ROWID;

CREATE TABLE transition (
    source TEXT NOT NULL, ticket_id TEXT NOT NULL, history_id TEXT NOT NULL, ordinal INTEGER NOT NULL,
    at INTEGER NOT NULL, author_id TEXT, from_status TEXT, from_status_id TEXT, to_status TEXT,
    to_status_id TEXT, gone_at INTEGER,
    PRIMARY KEY (source, ticket_id, history_id, ordinal)
) WITHOUT ROWID;

CREATE TABLE ticket_alias (
    source TEXT NOT NULL, ticket_key TEXT NOT NULL, ticket_id TEXT NOT NULL, gone_at INTEGER,
    PRIMARY KEY (source, ticket_key)
) WITHOUT ROWID;

CREATE TABLE ticket_link (
    source TEXT NOT NULL, ticket_id TEXT NOT NULL, type TEXT NOT NULL, direction TEXT NOT NULL,
    other_key TEXT NOT NULL, label TEXT, gone_at INTEGER,
    PRIMARY KEY (source, ticket_id, type, direction, other_key)
) WITHOUT ROWID;

CREATE TABLE ticket_sprint (
    source TEXT NOT NULL, ticket_id TEXT NOT NULL, sprint_id TEXT NOT NULL, gone_at INTEGER,
    PRIMARY KEY (source, ticket_id, sprint_id)
) WITHOUT ROWID;

CREATE TABLE status (
    source TEXT NOT NULL, status_id TEXT NOT NULL, name TEXT NOT NULL, category TEXT NOT NULL,
    gone_at INTEGER,
    PRIMARY KEY (source, status_id)
) WITHOUT ROWID;

CREATE TABLE project (
    source TEXT NOT NULL, project_key TEXT NOT NULL, name TEXT NOT NULL, gone_at INTEGER,
    PRIMARY KEY (source, project_key)
) WITHOUT ROWID;

CREATE TABLE board (
    source TEXT NOT NULL, board_id TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, project_key TEXT,
    columns TEXT NOT NULL, gone_at INTEGER,
    PRIMARY KEY (source, board_id)
) WITHOUT ROWID;

CREATE TABLE sprint (
    source TEXT NOT NULL, sprint_id TEXT NOT NULL, board_id TEXT, name TEXT NOT NULL, state TEXT NOT NULL,
    start_at INTEGER, end_at INTEGER, complete_at INTEGER, goal TEXT, gone_at INTEGER,
    PRIMARY KEY (source, sprint_id)
) WITHOUT ROWID;

CREATE TABLE person (
    source TEXT NOT NULL, person_id TEXT NOT NULL, name TEXT NOT NULL, email TEXT, is_active INTEGER,
    timezone TEXT, gone_at INTEGER,
    PRIMARY KEY (source, person_id)
) WITHOUT ROWID;

CREATE TABLE git_commit (
    source TEXT NOT NULL, sha TEXT NOT NULL, author_name TEXT NOT NULL, author_email TEXT NOT NULL,
    authored_at INTEGER NOT NULL, committer_name TEXT NOT NULL, committer_email TEXT NOT NULL,
    committed_at INTEGER NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL, parents TEXT NOT NULL,
    gone_at INTEGER,
    PRIMARY KEY (source, sha)
) WITHOUT ROWID;

CREATE TABLE file_change (
    source TEXT NOT NULL, sha TEXT NOT NULL, path TEXT NOT NULL, old_path TEXT, added INTEGER,
    deleted INTEGER, gone_at INTEGER,
    PRIMARY KEY (source, sha, path)
) WITHOUT ROWID;

CREATE TABLE commit_ticket (
    source TEXT NOT NULL, sha TEXT NOT NULL, ticket_key TEXT NOT NULL, gone_at INTEGER,
    PRIMARY KEY (source, sha, ticket_key)
) WITHOUT ROWID;

CREATE TABLE git_ref (
    source TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, sha TEXT NOT NULL, gone_at INTEGER,
    PRIMARY KEY (source, kind, name)
) WITHOUT ROWID;

CREATE INDEX run_by_due ON run (due_at);
CREATE INDEX run_by_pipeline ON run (source, pipeline_id, due_at);
CREATE INDEX run_open ON run (state) WHERE state IN ('queued', 'running');
CREATE INDEX task_run_open ON task_run (source, pipeline_id, run_id) WHERE end_at IS NULL;
CREATE INDEX dataset_event_by_uri ON dataset_event (source, uri, at);
CREATE INDEX ticket_by_key ON ticket (ticket_key);
CREATE INDEX ticket_by_epic ON ticket (source, epic_id);
CREATE INDEX transition_by_time ON transition (at);
CREATE INDEX git_commit_by_time ON git_commit (committed_at);
CREATE INDEX commit_ticket_by_key ON commit_ticket (ticket_key);
CREATE INDEX file_change_by_path ON file_change (path);

-- Where each source's sync stands. `cursor` is the connector's own.
CREATE TABLE sync_state (
    source TEXT PRIMARY KEY, kind TEXT NOT NULL, cursor TEXT, started_at INTEGER, finished_at INTEGER,
    ok_at INTEGER, error TEXT
) WITHOUT ROWID;

-- Forecasts are facts: who was forecast, when, by which model, from how much history, and what came true.
-- question: landing (subject: pipeline_id and run_id or due time) or delivery (subject: epic's ticket_id).
CREATE TABLE forecast (
    forecast_id INTEGER PRIMARY KEY, question TEXT NOT NULL, source TEXT NOT NULL, subject TEXT NOT NULL,
    made_at INTEGER NOT NULL, model TEXT NOT NULL, history_n INTEGER NOT NULL, p50_at INTEGER, p85_at INTEGER,
    p95_at INTEGER, deadline_at INTEGER, p_late REAL, outcome_at INTEGER, score REAL,
    UNIQUE (question, source, subject, made_at)
);
CREATE INDEX forecast_open ON forecast (question, source) WHERE outcome_at IS NULL;
