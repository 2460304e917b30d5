-- The mesh: what an agent must remember when it is killed, and what the pages show. Times are nanoseconds since the Unix epoch, UTC.
-- The account stands in `settings` under the key `mesh`; the password stands elsewhere.

-- The number of the last start; one row.
CREATE TABLE mesh_boot (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    boot INTEGER NOT NULL
) WITHOUT ROWID;

-- Messages that wait until they are confirmed.
CREATE TABLE mesh_outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    -- For this agent (bare JID), or for whoever has the role and does the duty.
    agent TEXT,
    role TEXT,
    duty TEXT,
    -- telltale_mesh::message::Draft as JSON.
    draft TEXT NOT NULL,
    queued_ns INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0
);

-- Messages that came and were handled: one that comes again is confirmed and goes no further.
CREATE TABLE mesh_seen (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    peer TEXT NOT NULL,
    id TEXT NOT NULL,
    at_ns INTEGER NOT NULL,
    UNIQUE (peer, id)
);

-- Numbers that were seen of each sender: telltale_mesh::message::Window.
CREATE TABLE mesh_windows (
    peer TEXT PRIMARY KEY,
    numbers BLOB NOT NULL,
    at_ns INTEGER NOT NULL
) WITHOUT ROWID;

-- What was said, for the page.
CREATE TABLE mesh_messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    -- 1: from this computer.
    own INTEGER NOT NULL,
    -- Bare JID of the other side; empty: a role that nobody has yet.
    peer TEXT NOT NULL,
    at_ns INTEGER NOT NULL,
    delivery TEXT NOT NULL,
    performative TEXT NOT NULL,
    ontology TEXT NOT NULL,
    language TEXT NOT NULL,
    thread TEXT NOT NULL,
    body TEXT NOT NULL,
    channel TEXT NOT NULL,
    problem TEXT
);
-- An id that comes twice from one side is one message; ours are ours alone.
CREATE UNIQUE INDEX mesh_messages_once ON mesh_messages (id, own, CASE own WHEN 1 THEN '' ELSE peer END);
CREATE INDEX mesh_messages_by_peer ON mesh_messages (peer, seq);

-- What is known of agents while they are away.
CREATE TABLE mesh_agents (
    jid TEXT PRIMARY KEY,
    last_seen_ns INTEGER,
    received INTEGER NOT NULL DEFAULT 0,
    sent INTEGER NOT NULL DEFAULT 0,
    -- telltale_core::model::AgentNow as it last was, as JSON.
    json TEXT
) WITHOUT ROWID;

-- Topics that are followed, and what came from them.
CREATE TABLE mesh_topics (
    service TEXT NOT NULL,
    node TEXT NOT NULL,
    PRIMARY KEY (service, node)
) WITHOUT ROWID;

CREATE TABLE mesh_items (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    service TEXT NOT NULL,
    node TEXT NOT NULL,
    id TEXT NOT NULL,
    publisher TEXT,
    at_ns INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (service, node, id)
);

-- Invitations that were given out: each lets one agent in.
CREATE TABLE mesh_invitations (
    -- SHA-256 of the token; the token itself is nowhere.
    digest BLOB PRIMARY KEY,
    until_ns INTEGER NOT NULL
) WITHOUT ROWID;

-- Requests of other agents that are not answered yet.
CREATE TABLE mesh_requests (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    peer TEXT NOT NULL,
    id TEXT NOT NULL,
    thread TEXT NOT NULL,
    body TEXT NOT NULL,
    at_ns INTEGER NOT NULL,
    UNIQUE (peer, id)
);

-- Our requests that are not answered yet.
CREATE TABLE mesh_asks (
    -- Of the message; the conversation has the same.
    id TEXT PRIMARY KEY,
    -- Bare JID; empty: whoever has the role.
    agent TEXT NOT NULL,
    -- telltale_core::model::Probe as JSON.
    probe TEXT NOT NULL,
    due_ns INTEGER NOT NULL,
    asked_ns INTEGER NOT NULL
) WITHOUT ROWID;
