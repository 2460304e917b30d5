-- Audits and their rows. Times are nanoseconds since the Unix epoch, UTC; octets are counted at IP level unless a column says wire.
CREATE TABLE audits (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    opened_ns INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('reading', 'done', 'cancelled', 'interrupted')),
    -- Where the file lay, and a fingerprint of its content, by which the same file is known again.
    path TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    -- The user's own choice of devices, a JSON array of addresses; NULL: found out.
    devices TEXT,
    -- telltale_core::model::Summary as JSON; NULL until the first second has passed.
    summary TEXT,
    -- Set when the user removed the audit; it is deleted at the next start, so that removing can be undone.
    removed_ns INTEGER
);
CREATE INDEX audits_by_fingerprint ON audits (fingerprint);

-- Who is behind a server: one row for each distinct telltale_core::model::Owner, as JSON.
CREATE TABLE owners (
    id INTEGER PRIMARY KEY,
    json TEXT NOT NULL UNIQUE
);

CREATE TABLE servers (
    audit INTEGER NOT NULL REFERENCES audits (id) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    device INTEGER NOT NULL,
    name TEXT,
    name_source TEXT,
    addresses TEXT NOT NULL,
    owner INTEGER NOT NULL REFERENCES owners (id),
    company TEXT,
    service TEXT,
    purpose TEXT NOT NULL,
    country TEXT,
    local INTEGER NOT NULL,
    sent_bytes INTEGER NOT NULL,
    received_bytes INTEGER NOT NULL,
    sent_packets INTEGER NOT NULL,
    received_packets INTEGER NOT NULL,
    flows INTEGER NOT NULL,
    clear_text_bytes INTEGER NOT NULL,
    first_ns INTEGER NOT NULL,
    last_ns INTEGER NOT NULL,
    -- Lower-case name, addresses, company, service and organisation, for searching.
    search TEXT NOT NULL,
    PRIMARY KEY (audit, id)
) WITHOUT ROWID;

CREATE TABLE flows (
    audit INTEGER NOT NULL REFERENCES audits (id) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    transport TEXT NOT NULL,
    initiator TEXT NOT NULL,
    initiator_port INTEGER NOT NULL,
    responder TEXT NOT NULL,
    responder_port INTEGER NOT NULL,
    i_packets INTEGER NOT NULL,
    i_wire_bytes INTEGER NOT NULL,
    i_bytes INTEGER NOT NULL,
    r_packets INTEGER NOT NULL,
    r_wire_bytes INTEGER NOT NULL,
    r_bytes INTEGER NOT NULL,
    first_ns INTEGER NOT NULL,
    last_ns INTEGER NOT NULL,
    tcp TEXT,
    tunnel INTEGER,
    protocol TEXT NOT NULL,
    name TEXT,
    name_source TEXT,
    alpn TEXT,
    ja4 TEXT,
    ech INTEGER NOT NULL,
    device INTEGER,
    device_is_initiator INTEGER NOT NULL,
    server INTEGER,
    app INTEGER,
    PRIMARY KEY (audit, id)
) WITHOUT ROWID;
CREATE INDEX flows_by_server ON flows (audit, server);

-- Evidence: what the traffic itself said. `json` is telltale_core::model::{DnsAnswer, Hello, HttpHost}.
CREATE TABLE dns_answers (
    audit INTEGER NOT NULL REFERENCES audits (id) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (audit, id)
) WITHOUT ROWID;
CREATE INDEX dns_by_name ON dns_answers (audit, name);

CREATE TABLE hellos (
    audit INTEGER NOT NULL REFERENCES audits (id) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    flow INTEGER NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (audit, id)
) WITHOUT ROWID;
CREATE INDEX hellos_by_flow ON hellos (audit, flow);

CREATE TABLE http_hosts (
    audit INTEGER NOT NULL REFERENCES audits (id) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    flow INTEGER NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (audit, id)
) WITHOUT ROWID;
CREATE INDEX http_by_flow ON http_hosts (audit, flow);

-- The user's choices, one JSON value a key.
CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
