-- Apps: what the phone's own report (Apple's App Privacy Report) says, put together of all files imported into an audit
-- (telltale_core::model::AppReport), and the way from an app that the capture itself marks to its flows.
CREATE TABLE app_imports (
    audit INTEGER PRIMARY KEY REFERENCES audits (id) ON DELETE CASCADE,
    -- Name of the newest file without its folder, and how many were imported.
    file TEXT NOT NULL,
    files INTEGER NOT NULL,
    imported_ns INTEGER NOT NULL,
    -- telltale_core::model::ReportTally as JSON.
    tally TEXT NOT NULL
);

-- `app` is the bundle identifier; times are the phone's.
CREATE TABLE app_domains (
    audit INTEGER NOT NULL REFERENCES audits (id) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    app TEXT NOT NULL,
    domain TEXT NOT NULL,
    context TEXT,
    owner TEXT,
    may_profile INTEGER,
    initiator TEXT,
    hits INTEGER NOT NULL,
    first_ns INTEGER NOT NULL,
    last_ns INTEGER NOT NULL,
    PRIMARY KEY (audit, id)
) WITHOUT ROWID;
CREATE INDEX app_domains_by_app ON app_domains (audit, app, domain);

-- `pair` is the number by which the report pairs beginning and end; one of these may be missing.
CREATE TABLE app_accesses (
    audit INTEGER NOT NULL REFERENCES audits (id) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    app TEXT NOT NULL,
    category TEXT NOT NULL,
    pair TEXT NOT NULL,
    broadcaster TEXT,
    begin_ns INTEGER,
    end_ns INTEGER,
    PRIMARY KEY (audit, id)
) WITHOUT ROWID;

CREATE INDEX flows_by_app ON flows (audit, app, server) WHERE app IS NOT NULL;
