-- When the organization last said for which utility types the wanted bills are, and for which sites. Without either an
-- empty list of types means that nobody excluded anything, sites included.
ALTER TABLE connections ADD COLUMN types_changed_at BIGINT;
ALTER TABLE connections ADD COLUMN sites_changed_at BIGINT;

-- When the organization deleted the connection. Nothing that signs in is left of it; its bills may be kept, and need the row.
ALTER TABLE connections ADD COLUMN deleted_at BIGINT;
