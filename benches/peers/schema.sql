-- The facts of Remit's documents as ordinary tables, which is how a server without Remit's rules would keep them, with keys
-- and indexes; and what is in columns already as views. Read by PostGraphile and by the limit.
set session_replication_role = origin;
create schema peers;

create table peers.calendar as
select c.id, c.code, r.revision, r.hours::json ->> 'zone' as time_zone
from calendar c join calendar_revision r on r.provider_id = c.provider_id and r.calendar_id = c.id where c.provider_id = 'bench';
alter table peers.calendar add primary key (id);

create table peers.tier as select id, code, revision from sla_tier where provider_id = 'bench';
alter table peers.tier add primary key (id);
create table peers.target as
select t.id as tier_id, place::int, target ->> 'priority' as priority, target ->> 'milestone' as milestone, target #>> '{limit,WITHIN,time}' as within
from peers.tier t join sla_tier_revision r on r.provider_id = 'bench' and r.tier_id = t.id and r.revision = t.revision,
  json_array_elements(r.definition::json -> 'targets') with ordinality as e(target, place);
alter table peers.target add primary key (tier_id, place), add foreign key (tier_id) references peers.tier;

create table peers.terms as
select t.id, t.agreement_id, t.version, t.effective_from, c.id as calendar_id, s.id as tier_id
from agreement_terms t join peers.calendar c on c.code = t.sections::json #>> '{calendar,code}'
join peers.tier s on s.code = t.sections::json #>> '{tier,code}' where t.provider_id = 'bench';
alter table peers.terms add primary key (id), add foreign key (calendar_id) references peers.calendar,
  add foreign key (tier_id) references peers.tier;

create table peers.included_service as
select t.id as terms_id, place::int, '1.1.' || place as clause, v.id as service_id, (line ->> 'quantity')::int as quantity,
  to_char((line #>> '{unit_price,amount}')::numeric, 'FM999999990.00') as unit_price, left(line #>> '{unit_price,currency}', 3) as currency
from agreement_terms t, json_array_elements(t.sections::json -> 'services') with ordinality as e(line, place)
join service v on v.provider_id = 'bench' and v.code = line ->> 'service' where t.provider_id = 'bench';
alter table peers.included_service add primary key (terms_id, place), add foreign key (terms_id) references peers.terms;

create table peers.obligation as
select t.id as terms_id, place::int, '4.' || place as clause, o ->> 'code' as code, o ->> 'title' as title, o ->> 'standard' as standard,
  array(select json_array_elements_text(o -> 'gates_services')) as gates_services,
  array(select json_array_elements_text(o -> 'effects')) as effects, (o ->> 'grace_days')::int as grace_days
from agreement_terms t, json_array_elements(t.sections::json -> 'obligations') with ordinality as e(o, place)
where t.provider_id = 'bench';
alter table peers.obligation add primary key (terms_id, place), add foreign key (terms_id) references peers.terms;
analyze peers.calendar, peers.tier, peers.target, peers.terms, peers.included_service, peers.obligation;

create view peers.client as select id, code, name from public.client where provider_id = 'bench';
comment on view peers.client is E'@primaryKey id';
create view peers.service as select id, code, name, kind from public.service where provider_id = 'bench';
comment on view peers.service is E'@primaryKey id';
comment on table peers.included_service is E'@foreignKey (service_id) references peers.service (id)';
create view peers.agreement as
select id, number, title, client_id, current_terms as terms_id, case
  when accepted_version is null then 'DRAFT'
  when least(ends_at, terminated_at) <= extract(epoch from now()) * 1000000 then 'ENDED' else 'ACTIVE' end as status
from public.agreement where provider_id = 'bench';
comment on view peers.agreement is
  E'@primaryKey id\n@unique number\n@foreignKey (client_id) references peers.client (id)\n@foreignKey (terms_id) references peers.terms (id)';
create view peers.charge as
select id, place, kind, status, client_id, agreement_id, hours_class, from_at, to_at, worked, included, charged, hourly_rate, amount,
  currency, reasons::json as reasons, invoice_ref from public.charge where provider_id = 'bench';
comment on view peers.charge is
  E'@primaryKey id\n@unique place\n@foreignKey (client_id) references peers.client (id)\n@foreignKey (agreement_id) references peers.agreement (id)';

-- Records a time entry and its charge: two rows in one transaction, which plpgsql plans once. Nothing is rated, checked, told
-- or put into a trail.
create function peers.record_time(external_id text, agreement_number text, service_code text, started_at bigint, ended_at bigint)
returns uuid language plpgsql volatile as $$
declare
  entry_id uuid := gen_random_uuid();
  charge_id uuid := gen_random_uuid();
  day timestamp := to_timestamp($4 / 1000000) at time zone 'UTC';
  in_month int := extract(year from day) * 12 + extract(month from day) - 1;
  agreed record;
begin
  select a.id, a.client_id, a.current_terms, s.id as service_id into strict agreed from public.agreement a, public.service s
  where a.provider_id = 'bench' and a.number = $2 and s.provider_id = 'bench' and s.code = $3;
  insert into public.time_entry (provider_id, id, system, external_id, client_id, agreement_id, service_id, role, technician,
    started_at, ended_at, breaks, billing, times_known, deleted, month, segments, recorded_at, by_ticket)
  values ('bench', entry_id, 'PSA', $1, agreed.client_id, agreed.id, agreed.service_id, 'engineer', 'tech-1',
    $4, $5, '[]', 'BY_TERMS', true, false, in_month, '[]', $5, false);
  insert into public.charge (provider_id, id, agreement_id, client_id, month, for_month, kind, status, time_entry_id,
    hours_class, rule_code, terms_id, from_at, to_at, worked, included, charged, hourly_rate, amount, currency, reasons, draws, place)
  values ('bench', charge_id, agreed.id, agreed.client_id, in_month, in_month, 'EXTRA_HOURS', 'PROVISIONAL', entry_id,
    'BUSINESS', 'R4', agreed.current_terms, $4, $5, $5 - $4, 0, $5 - $4, '150', 15000, 'USD2',
    '[{"code":"IN_FORCE","text":"Version 1 of the terms is in force."}]', '[]',
    lpad(in_month::text, 6, '0') || lpad(($4 + 2208988800000000)::text, 19, '0') || replace(charge_id::text, '-', ''));
  return entry_id;
end
$$;
