alter table products rename column goes_with to related;
alter table products rename column maker to vendor;
