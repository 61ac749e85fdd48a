-- How it is paid: card, hosted_page, invoice. Not known before payments says so.
alter table orders add column paid_by text;
