-- Doors for programs: tokens of the HTTP interface, items of strangers, and outputs with what waits for them. Times are nanoseconds
-- since the Unix epoch, UTC.
CREATE TABLE http_tokens (
    name TEXT PRIMARY KEY,
    -- SHA-256 of the token; the token itself is nowhere.
    digest BLOB NOT NULL UNIQUE,
    made_ns INTEGER NOT NULL,
    used_ns INTEGER
) WITHOUT ROWID;

-- Items that came in Scandale's envelope, as they came.
CREATE TABLE items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- UUID of the result that the item became: one that comes twice is there once.
    result TEXT NOT NULL UNIQUE,
    -- SHA-256 of payload.raw, which is asked for as a whole.
    raw_sha256 BLOB NOT NULL,
    octets INTEGER NOT NULL,
    json TEXT NOT NULL
);
CREATE INDEX items_by_raw ON items (raw_sha256);

CREATE TABLE outputs (
    id TEXT PRIMARY KEY,
    -- telltale_core::model::Output as JSON.
    json TEXT NOT NULL,
    made_ns INTEGER NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0,
    given_up INTEGER NOT NULL DEFAULT 0,
    -- Why the last one could not be sent, for a person.
    problem TEXT
) WITHOUT ROWID;

-- What waits for each output, first come first sent.
CREATE TABLE output_queue (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    output TEXT NOT NULL REFERENCES outputs (id) ON DELETE CASCADE,
    -- UUID of this delivery, the same at every try: the other side can count it once.
    delivery TEXT NOT NULL,
    -- 'result' or 'incident'.
    kind TEXT NOT NULL,
    octets INTEGER NOT NULL,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    -- When it is tried again; null: at once.
    next_ns INTEGER
);
CREATE INDEX output_queue_by_output ON output_queue (output, seq, octets);
