-- The names that the API and the code use.
alter table orders rename column open to in_progress;
alter table orders rename column refusal to rejection;
alter table orders rename column action to redirect_url;
