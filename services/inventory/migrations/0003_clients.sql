-- Which client's order waits for its bank: all that one client holds unpaid of a SKU is a share of it.
alter table allocations add column client text;

create index allocations_of_a_client on allocations (client, sku) where client is not null;
