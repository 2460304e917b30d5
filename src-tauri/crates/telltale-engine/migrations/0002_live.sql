-- What a live audit was asked to be; an audit without a row here is a file's.
CREATE TABLE live (
    audit INTEGER PRIMARY KEY REFERENCES audits (id) ON DELETE CASCADE,
    -- telltale_engine::LiveRequest as JSON.
    request TEXT NOT NULL,
    -- The device, or where the phone's own capture was received.
    source TEXT NOT NULL
);
