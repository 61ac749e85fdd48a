-- Whether units are counted; what is not can always be bought.
alter table stock add column tracked boolean not null default true;
-- Whether it may be bought when none is left.
alter table stock add column backorder text not null default 'deny';
-- Whether it was taken out. Its shelves stay, for its movements do.
alter table stock add column removed boolean not null default false;

-- What an order may have though it is not there yet; null is nothing.
alter table reservations add column backordered jsonb;
