-- Whose a payment is, and stays, whichever provider is offered later. Where it is empty, the payment was made before, or by a
-- process of before beside this one: then its names tell.
alter table payments add column provider text not null default '';

-- What people call the order; until when the shopper may pay on a page, and until when an invoice is due; and who asked, for
-- a day.
alter table payments add column order_number text;
alter table payments add column expires_at timestamptz;
alter table payments add column due_at timestamptz;
alter table payments add column client text;

create index payments_of_an_order_number on payments (order_number) where order_number is not null;
create index payments_owed on payments (due_at) where due_at is not null and status = 'authorised';
create index payments_of_a_client on payments (client) where client is not null;
create index payments_with_client on payments (created_at) where client is not null;

-- How it works: by a card, on a provider's page, by invoice. Only cards have a brand, digits and a token; elsewhere these are
-- empty.
alter table payment_methods add column provider text not null default '';
alter table payment_methods add column type text not null default 'card';
