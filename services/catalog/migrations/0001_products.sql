create table categories (
    slug text primary key,
    name text not null,
    summary text not null,
    position bigint not null,
    picture text,
    -- What a search finds its products by: slug and name in lower case.
    search_text text not null
);

create table products (
    slug text primary key,
    name text not null,
    summary text not null,
    description text not null,
    category text not null references categories (slug),
    maker text not null,
    pictures jsonb not null,
    options jsonb not null,
    details jsonb not null,
    goes_with jsonb not null,
    -- What a search finds it by: name, summary, maker and values of options in lower case.
    search_text text not null,
    -- When it was put here first.
    created_at timestamptz not null
);

-- The two orders of a listing.
create index products_by_name on products (name, slug);
create index products_by_category on products (category, name, slug);
create index products_by_age on products (created_at desc, slug);
create index products_by_category_and_age on products (category, created_at desc, slug);

create table variants (
    sku text primary key,
    product text not null references products (slug),
    position bigint not null,
    label text not null,
    options jsonb not null,
    picture text
);

create index variants_by_product on variants (product);
