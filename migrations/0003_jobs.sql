-- Jobs of many kinds: a job need not be about a company, its payload has a version, and of jobs with one exclusion
-- key only one is claimed at a time. SQLite cannot make a column nullable, so the table is made anew on both engines.

CREATE TABLE jobs_of_many_kinds (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    -- Of the payload: a node claims only what it can read.
    version BIGINT NOT NULL DEFAULT 1,
    -- Names the work: the same work is never queued twice. A job is deleted when it is done.
    dedupe_key TEXT NOT NULL UNIQUE,
    exclusion_key TEXT,
    company_id TEXT REFERENCES companies (id),
    payload TEXT NOT NULL,
    run_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    -- The fencing token: counts claims over the job's whole life, so that a worker that lost its lease cannot speak for
    -- the next one.
    claims BIGINT NOT NULL,
    lease_until BIGINT,
    leased_by TEXT,
    -- Set aside with a reason, such as a payload that does not parse.
    parked_at BIGINT,
    parked_reason TEXT,
    -- Not used any more, see sign_in_lockouts; nodes of the version before still read it while they are replaced.
    resend_at BIGINT,
    created_at BIGINT NOT NULL
);

-- A connection's password was sent and the sign-in was not proven: it is not sent again before `resend_at`. Written
-- before the password is sent, and gone once the sign-in is proven.
CREATE TABLE sign_in_lockouts (
    connection_id TEXT NOT NULL PRIMARY KEY,
    company_id TEXT NOT NULL,
    resend_at BIGINT NOT NULL,
    FOREIGN KEY (company_id, connection_id) REFERENCES connections (company_id, id)
);

INSERT INTO sign_in_lockouts (connection_id, company_id, resend_at)
    SELECT n.id, n.company_id, j.resend_at
    FROM jobs j JOIN connections n ON j.dedupe_key = 'COLLECT:' || n.id
    WHERE j.resend_at IS NOT NULL;

-- Every job so far collects from one website, whose host the connection names. A job that is claimed right now keeps
-- its lease without the key: two of them may be at one host, which is no harm to them.
INSERT INTO jobs_of_many_kinds (id, kind, dedupe_key, exclusion_key, company_id, payload, run_at, attempts, claims,
        lease_until, leased_by, created_at)
    SELECT j.id, j.kind, j.dedupe_key,
        CASE WHEN j.lease_until IS NULL
            THEN (SELECT 'host:' || n.provider_name FROM connections n WHERE j.dedupe_key = 'COLLECT:' || n.id) END,
        j.company_id, j.payload, j.run_at, j.attempts, j.claims, j.lease_until, j.leased_by, j.created_at
    FROM jobs j;

DROP TABLE jobs;
ALTER TABLE jobs_of_many_kinds RENAME TO jobs;

CREATE INDEX jobs_by_run_at ON jobs (run_at, id);
-- What makes exclusion hold between nodes: the database refuses a second claim.
CREATE UNIQUE INDEX jobs_one_claim_per_exclusion_key ON jobs (exclusion_key) WHERE lease_until IS NOT NULL;
