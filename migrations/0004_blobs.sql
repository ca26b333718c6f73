-- The files of bills leave the database: `blob` names what holds a bill's file.
-- Files of earlier versions stay in bill_files until the origin has moved them; new rows are never added there.
ALTER TABLE bills ADD COLUMN blob TEXT;

-- Which blobs are in use is asked by name.
CREATE INDEX bills_blob ON bills (blob);
