-- Shoppers do not only answer their bank, they may also pay on a provider's page.
update orders set status = 'awaiting_payment' where status = 'authenticating';

-- How it is paid: card, hosted_page, invoice. Not known before payments says so.
alter table orders add column paid_by text;
