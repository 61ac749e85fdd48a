create table categories (
    slug text primary key,
    name text not null,
    summary text not null,
    position bigint not null
);

create table products (
    slug text primary key,
    name text not null,
    summary text not null,
    description text not null,
    category text not null references categories (slug),
    maker text not null,
    picture text,
    options jsonb not null
);

-- The order of every listing.
create index products_by_name on products (name, slug);
create index products_by_category on products (category, name, slug);

create table variants (
    sku text primary key,
    product text not null references products (slug),
    position bigint not null,
    label text not null,
    options jsonb not null
);

create index variants_by_product on variants (product);
