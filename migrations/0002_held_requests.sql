-- Requests that a collection held back because they might have changed the account.
ALTER TABLE collections ADD COLUMN held_requests BIGINT NOT NULL DEFAULT 0;
