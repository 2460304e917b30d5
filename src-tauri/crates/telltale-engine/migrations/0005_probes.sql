-- Probes, and results: those of this computer, of the mesh and of HTTP. Times are nanoseconds since the Unix epoch, UTC.
CREATE TABLE probes (
    id TEXT PRIMARY KEY,
    -- telltale_core::model::Probe as JSON.
    json TEXT NOT NULL,
    made_ns INTEGER NOT NULL,
    -- How its behaviour stands, as telltale_engine's probes write it: JSON.
    state TEXT NOT NULL DEFAULT '{}',
    -- Set when the user removed it; it is deleted at the next start, so that removing can be undone.
    removed_ns INTEGER
) WITHOUT ROWID;

CREATE TABLE results (
    -- The order in which results came in; correlation, outputs and followers remember how far they are.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    -- A result that comes twice is counted once.
    id TEXT NOT NULL UNIQUE,
    probe TEXT NOT NULL,
    probe_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    agent TEXT NOT NULL,
    target TEXT NOT NULL,
    ended_ns INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    changed INTEGER NOT NULL,
    via TEXT NOT NULL,
    -- When it came in here.
    came_ns INTEGER NOT NULL,
    -- Lower-case name, target, agent and summary, for searching.
    search TEXT NOT NULL,
    -- telltale_core::model::ProbeResult as JSON.
    json TEXT NOT NULL
);
CREATE INDEX results_by_probe ON results (probe, agent, ended_ns);
CREATE INDEX results_by_end ON results (ended_ns);

-- How far each reader of `results` (and of incident changes) is, by name.
CREATE TABLE cursors (
    reader TEXT PRIMARY KEY,
    seq INTEGER NOT NULL
) WITHOUT ROWID;
