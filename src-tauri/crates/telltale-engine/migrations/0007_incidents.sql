-- Correlation: rules with all their revisions, the incidents that they opened, and what changed of these in the order in which it
-- happened. Times are nanoseconds since the Unix epoch, UTC.
CREATE TABLE rules (
    id TEXT PRIMARY KEY,
    -- The present revision: telltale_core::model::Rule as JSON.
    json TEXT NOT NULL,
    made_ns INTEGER NOT NULL,
    -- Set when the user removed it; it is deleted at the next start, so that removing can be undone.
    removed_ns INTEGER
) WITHOUT ROWID;

-- Kept also when the rule is deleted, as long as an incident names it.
CREATE TABLE rule_revisions (
    rule TEXT NOT NULL,
    revision INTEGER NOT NULL,
    made_ns INTEGER NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (rule, revision)
) WITHOUT ROWID;

CREATE TABLE incidents (
    id TEXT PRIMARY KEY,
    rule TEXT NOT NULL,
    -- What it is about, as JSON: the group of the rule.
    about TEXT NOT NULL,
    state TEXT NOT NULL,
    opened_ns INTEGER NOT NULL,
    closed_ns INTEGER,
    -- telltale_core::model::Incident as JSON.
    json TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX incidents_by_time ON incidents (opened_ns);
-- Whatever happens: never two open incidents of one rule about the same.
CREATE UNIQUE INDEX incidents_open_once ON incidents (rule, about) WHERE state = 'open';

-- What readers are told: outputs, the mesh and followers remember in `cursors` how far they are.
CREATE TABLE incident_changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The incident as it was then: telltale_core::model::Incident as JSON.
    json TEXT NOT NULL
);
