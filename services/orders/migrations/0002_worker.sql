-- Counts the owners of an order, one after the other: who was too slow finds a higher number, and may write no more.
alter table orders add column fence bigint not null default 0;

-- How often in a row the work was taken up and came no further.
alter table orders add column tries bigint not null default 0;

-- When the worker looks at it, if there is something left to do.
alter table orders add column due_at timestamptz not null default '1970-01-01 00:00:00+00:00';

drop index orders_left;
create index orders_due on orders (due_at) where open;
