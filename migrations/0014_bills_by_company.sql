-- An organization lists and exports a company's bills by their date, newest first, those without one last.
CREATE INDEX bills_by_company ON bills (company_id, COALESCE(bill_date, '') DESC, id);
