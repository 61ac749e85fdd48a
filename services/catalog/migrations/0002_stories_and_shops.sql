create table stories (
    slug text primary key,
    title text not null,
    text text not null,
    picture text,
    alt text not null,
    label text not null,
    href text not null,
    position bigint not null
);

create table shops (
    slug text primary key,
    name text not null,
    line1 text not null,
    postal_code text not null,
    city text not null,
    country text not null,
    hours jsonb not null,
    note text,
    latitude double precision not null,
    longitude double precision not null,
    position bigint not null
);
