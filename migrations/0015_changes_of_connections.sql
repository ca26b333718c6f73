-- When the organization last said for which utility types and sites the wanted bills are. Without it an empty list of types
-- means that nobody excluded anything, sites included.
ALTER TABLE connections ADD COLUMN scope_changed_at BIGINT;

-- When the organization deleted the connection. Nothing that signs in is left of it; its bills may be kept, and need the row.
ALTER TABLE connections ADD COLUMN deleted_at BIGINT;
