create table prices (
    sku text not null,
    currency text not null,
    minor bigint not null,
    primary key (sku, currency)
);

-- One key a purpose; PKCS #8 in base64.
create table keys (
    purpose text primary key,
    pkcs8 text not null,
    created_at timestamptz not null
);
