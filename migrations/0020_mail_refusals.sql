-- The words with which the mail server refused the message of a notice for good; `dropped_at` says when.
ALTER TABLE notices ADD COLUMN refusal TEXT;
