CREATE TABLE listings (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title TEXT NOT NULL, segment TEXT NOT NULL, fuel TEXT NOT NULL, gearbox TEXT NOT NULL,
    age_years INTEGER NOT NULL, mileage_km INTEGER NOT NULL, power_kw INTEGER NOT NULL, asking_price_eur INTEGER NOT NULL,
    published_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE events (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feature TEXT NOT NULL, action TEXT NOT NULL, visitor TEXT NOT NULL, device TEXT NOT NULL, synthetic BOOLEAN NOT NULL,
    at TIMESTAMPTZ NOT NULL
);

CREATE FUNCTION events_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER events_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON events EXECUTE FUNCTION events_refuse();

-- whoever reads on after the last id that it saw must miss nothing: so ids become visible in their order, one writer at a time
CREATE FUNCTION events_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock('events'::regclass::oid::bigint);
    RETURN NULL;
END $$;
CREATE TRIGGER events_in_order BEFORE INSERT ON events EXECUTE FUNCTION events_queue();
