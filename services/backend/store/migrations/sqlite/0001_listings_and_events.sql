-- as it was before migrations were recorded: a database of that time is taken over as it is
CREATE TABLE IF NOT EXISTS listings (
    id INTEGER PRIMARY KEY, title, segment, fuel, gearbox, age_years, mileage_km, power_kw, asking_price_eur,
    published_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY, feature, action, visitor, device, synthetic,
    at TEXT NOT NULL
);
CREATE TRIGGER IF NOT EXISTS events_keep BEFORE UPDATE ON events BEGIN
    SELECT RAISE(ABORT, 'events are append-only');
END;
CREATE TRIGGER IF NOT EXISTS events_stay BEFORE DELETE ON events BEGIN
    SELECT RAISE(ABORT, 'events are append-only');
END;
