-- Whether a product is on sale: draft, active, archived.
alter table products add column status text not null default 'active';
alter table products add column tags jsonb not null default '[]';

-- Cleaned HTML; `description` is the same as plain text.
alter table products add column description_html text not null default '';
update products set description_html = '<p>' || replace(
    replace(replace(replace(description, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '
', '</p><p>') || '</p>';

-- What a name is ordered by: a collation key in hexadecimal, made by the application, as is `search_text`.
alter table products add column name_key text not null default '';
-- By which version of the application; 0 is none, and then it is made anew.
alter table products add column indexed bigint not null default 0;
alter table categories add column indexed bigint not null default 0;

alter table variants add column gtin text;
alter table variants add column weight jsonb;

-- All categories that a product stands in, with what they are listed by.
create table product_categories (
    category text not null references categories (slug),
    product text not null references products (slug),
    position bigint not null,
    name_key text not null,
    created_at timestamptz not null,
    primary key (category, product)
);

insert into product_categories (category, product, position, name_key, created_at)
select category, slug, 0, '', created_at from products;

create index product_categories_by_product on product_categories (product);
create index product_categories_by_name on product_categories (category, name_key, product);
create index product_categories_by_age on product_categories (category, created_at desc, product);

drop index products_by_name;
drop index products_by_category;
drop index products_by_category_and_age;
create index products_by_name_key on products (name_key, slug);
create index products_outdated on products (indexed, slug);
