-- Whether the connection's sign-in was repeated without the client. `works_unattended_at` is when that was last tried to
-- an answer; a reason says why not, no reason that it works.
ALTER TABLE connections ADD COLUMN works_unattended_at BIGINT;
ALTER TABLE connections ADD COLUMN works_unattended_reason TEXT;

-- How far a collection has come: when its sign-in was proven, and how many bills it knows of so far. `bills_found` and
-- `bills_new` are kept up to date while it runs.
ALTER TABLE collections ADD COLUMN signed_in_at BIGINT;
ALTER TABLE collections ADD COLUMN bills_expected BIGINT NOT NULL DEFAULT 0;
