-- Whether what it buys is its own in the cart: it stands or may come to stand, and the cart still has the things. A cart
-- has one such order at most, so it is paid once, whatever becomes of its version.
alter table orders add column holds_cart boolean not null default false;

-- Of several that were under way when this came, the last one.
update orders set holds_cart = true
    where cart is not null and open and status not in ('rejected', 'failed', 'cancelled') and not exists (
        select 1 from orders as later where later.cart = orders.cart and later.id > orders.id
            and later.open and later.status not in ('rejected', 'failed', 'cancelled'));

create unique index orders_holding on orders (cart) where holds_cart;
create index orders_of_any_cart on orders (cart, id);
