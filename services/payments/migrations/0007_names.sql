-- The names that the API and the code use.
alter table payments rename column action to redirect_url;
alter table payments rename column authorisation to provider_payment_id;
alter table payment_movements rename column wish to request_hash;
