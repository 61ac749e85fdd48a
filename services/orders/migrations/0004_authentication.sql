-- Where the shopper answers their bank, while it asks.
alter table orders add column action text;
