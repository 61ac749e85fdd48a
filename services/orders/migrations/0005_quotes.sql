-- The quote that it was placed for. What pricing has signed is good for one order that stands or may come to stand.
alter table orders add column quote uuid;

create unique index orders_of_a_quote on orders (quote) where status not in ('rejected', 'failed', 'cancelled');
