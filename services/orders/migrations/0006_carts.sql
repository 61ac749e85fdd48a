-- Which state of its cart was bought. Two pages may have a quote each, but one state is good for one order that stands or
-- may come to stand.
alter table orders add column cart_version bigint;

create unique index orders_of_a_cart on orders (cart, cart_version)
    where status not in ('rejected', 'failed', 'cancelled');
