-- When the organization deleted the connection. Nothing that signs in is left of it; its bills may be kept, and need the row.
ALTER TABLE connections ADD COLUMN deleted_at BIGINT;
