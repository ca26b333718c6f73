-- How many runs of clients may make connections by a company link, and why a link was taken back.
ALTER TABLE links ADD COLUMN max_uses BIGINT NOT NULL DEFAULT 1;
ALTER TABLE links ADD COLUMN revoked_reason TEXT;
-- A use is a run that made connections, however many: until now that was one run of a link.
UPDATE links SET use_count = 1 WHERE kind = 'COMPANY' AND use_count > 1;
