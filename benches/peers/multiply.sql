-- Makes many of the few objects that were put through the API. The rows are those of Remit, with other ids, names and
-- weeks. Triggers are off: nothing of this was anybody's deed, so the trail and the feed say nothing of it.
set session_replication_role = replica;

create function pg_temp.made(kind int, n bigint) returns uuid language sql immutable as $$
  select format('01a0%s-0000-7000-8000-%s', lpad(to_hex(kind), 4, '0'), lpad(to_hex(n), 12, '0'))::uuid
$$;
create function pg_temp.setting(name text) returns bigint language sql stable as $$
  select current_setting('peers.' || name)::bigint
$$;
-- So many weeks earlier, in microseconds.
create function pg_temp.weeks(n bigint) returns bigint language sql immutable as $$ select n * 7 * 86400 * 1000000 $$;
create function pg_temp.month(at bigint) returns int language sql immutable as $$
  select (extract(year from t) * 12 + extract(month from t) - 1)::int from (select to_timestamp(at / 1000000) at time zone 'UTC') as a(t)
$$;
create function pg_temp.rfc3339(at bigint) returns text language sql immutable as $$
  select to_char(to_timestamp(at / 1000000) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
$$;

insert into client
select (jsonb_populate_record(c, jsonb_build_object(
  'id', pg_temp.made(1, n), 'code', 'C' || lpad(n::text, 5, '0'), 'name', 'Client ' || lpad(n::text, 5, '0')))).*
from client c, generate_series(2, pg_temp.setting('clients')) n;

create temp table client_no as select right(code, 5)::int as n, id as client_id from client;
create temp table template as
select right(number, 5)::int as n, id as agreement_id, current_terms as terms_id, count(*) over () as templates from agreement;
create temp table agreement_no as
select g.n, t.agreement_id as of_agreement, t.terms_id as of_terms, pg_temp.made(2, g.n) as agreement_id, pg_temp.made(3, g.n) as terms_id, c.client_id
from generate_series((select templates + 1 from template limit 1), pg_temp.setting('agreements')) g(n)
join template t on t.n = (g.n - 1) % t.templates + 1
join client_no c on c.n = g.n % pg_temp.setting('clients') + 1;

insert into agreement
select r.* from agreement_no m join agreement a on a.id = m.of_agreement, lateral jsonb_populate_record(a, jsonb_build_object(
  'id', m.agreement_id, 'number', 'A-' || lpad(m.n::text, 5, '0'), 'title', 'Agreement ' || lpad(m.n::text, 5, '0'),
  'client_id', m.client_id, 'current_terms', m.terms_id)) r;
insert into agreement_terms
select r.* from agreement_no m join agreement_terms t on t.id = m.of_terms,
  lateral jsonb_populate_record(t, jsonb_build_object('id', m.terms_id, 'agreement_id', m.agreement_id)) r;
insert into terms_service
select r.* from agreement_no m join terms_service t on t.terms_id = m.of_terms,
  lateral jsonb_populate_record(t, jsonb_build_object('terms_id', m.terms_id)) r;
insert into terms_tier
select r.* from agreement_no m join terms_tier t on t.terms_id = m.of_terms,
  lateral jsonb_populate_record(t, jsonb_build_object('terms_id', m.terms_id)) r;
insert into terms_calendar
select r.* from agreement_no m join terms_calendar t on t.terms_id = m.of_terms,
  lateral jsonb_populate_record(t, jsonb_build_object('terms_id', m.terms_id)) r;
insert into billing_period
select r.* from agreement_no m join billing_period p on p.agreement_id = m.of_agreement,
  lateral jsonb_populate_record(p, jsonb_build_object('agreement_id', m.agreement_id)) r;
insert into obligation
select r.* from agreement_no m join obligation o on o.terms_id = m.of_terms,
  lateral jsonb_populate_record(o, jsonb_build_object('id', pg_temp.made(4, m.n * 100 + right(o.code, 1)::int), 'terms_id', m.terms_id)) r;

-- Of every agreement, the agreement and client of its own and the template that its work is like.
insert into agreement_no
select t.n, t.agreement_id, t.terms_id, t.agreement_id, t.terms_id, a.client_id from template t join agreement a on a.id = t.agreement_id;
create index on agreement_no (n);
analyze agreement_no;
create temp table ticket_like as
select row_number() over (partition by agreement_id order by opened_at) - 1 as place, count(*) over (partition by agreement_id) as places, ticket.*
from ticket;
create temp table clock_like as select * from ticket_clock;
create temp table entry_like as
select row_number() over (partition by agreement_id order by started_at) - 1 as place, count(*) over (partition by agreement_id) as places, time_entry.*
from time_entry;
create temp table charge_like as select * from charge;
analyze ticket_like;
analyze clock_like;
analyze entry_like;
analyze charge_like;
