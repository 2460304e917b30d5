-- How long audits and recordings are kept: what the user wants kept whatever its age, and what was announced to leave.
ALTER TABLE audits ADD COLUMN keep INTEGER NOT NULL DEFAULT 0;

CREATE TABLE leaving (
    audit INTEGER NOT NULL REFERENCES audits (id) ON DELETE CASCADE,
    -- 1: only its recording goes.
    recording_only INTEGER NOT NULL,
    -- For how long it has stood announced, as telltale_engine's retention counts.
    announced_ns INTEGER NOT NULL,
    PRIMARY KEY (audit, recording_only)
) WITHOUT ROWID;
