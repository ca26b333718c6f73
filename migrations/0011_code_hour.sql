-- The hour (UTC) at which the owner of a connection can give a code: a sign-in that got none is tried again then.
ALTER TABLE connections ADD COLUMN code_hour BIGINT;
