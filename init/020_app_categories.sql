-- 020_app_categories.sql
-- Description: Categories of the app store, and the category of each app
-- Author: Platform Team
-- Date: 2025-10-21

CREATE TABLE IF NOT EXISTS app_categories (
    code            VARCHAR(30) PRIMARY KEY,
    name_en         VARCHAR(60) NOT NULL,
    name_de         VARCHAR(60) NOT NULL,
    icon            VARCHAR(40),
    sort_order      SMALLINT NOT NULL DEFAULT 100
);

COMMENT ON TABLE app_categories IS 'Categories of the app store';
COMMENT ON COLUMN app_categories.code IS 'Key';
COMMENT ON COLUMN app_categories.name_en IS 'English name';
COMMENT ON COLUMN app_categories.name_de IS 'German name';
COMMENT ON COLUMN app_categories.icon IS 'Icon; none for a dot';
COMMENT ON COLUMN app_categories.sort_order IS 'Order in the store, small first';

CREATE TEMP TABLE IF NOT EXISTS app_categories_list (LIKE app_categories);
DELETE FROM app_categories_list;

COPY app_categories_list FROM STDIN WITH (FORMAT csv, HEADER, NULL '-');
code,name_en,name_de,icon,sort_order
ai,"Language, images, speech","Sprache, Bilder, Ton",brain,10
automation,Automation,Automatisierung,gears,20
storage,Files and storage,Dateien und Speicher,disk,30
office,Office,Büro,briefcase,40
monitoring,Monitoring,Überwachung,gauge,50
development,Development,Entwicklung,code,60
other,Everything else,Übriges,-,1000
\.

INSERT INTO app_categories (code, name_en, name_de, icon, sort_order)
SELECT code, name_en, name_de, icon, sort_order
FROM app_categories_list
ON CONFLICT (code) DO UPDATE
SET name_en = EXCLUDED.name_en,
    name_de = EXCLUDED.name_de,
    icon = EXCLUDED.icon,
    sort_order = EXCLUDED.sort_order
WHERE (app_categories.name_en, app_categories.name_de, app_categories.icon, app_categories.sort_order)
      IS DISTINCT FROM (EXCLUDED.name_en, EXCLUDED.name_de, EXCLUDED.icon, EXCLUDED.sort_order);

ALTER TABLE apps ADD COLUMN IF NOT EXISTS category VARCHAR(30) NOT NULL DEFAULT 'other';
COMMENT ON COLUMN apps.category IS 'Shelf in the store; back to other when a shelf is removed';

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'apps_category_fkey' AND conrelid = 'apps'::regclass) THEN
        ALTER TABLE apps
            ADD CONSTRAINT apps_category_fkey FOREIGN KEY (category)
            REFERENCES app_categories (code) ON UPDATE CASCADE ON DELETE SET DEFAULT;
    END IF;
END $$;

CREATE INDEX IF NOT EXISTS idx_apps_category ON apps (category);

UPDATE apps
SET category = known.category
FROM (VALUES
    ('postgres-db', 'storage'),
    ('llm-service', 'ai'),
    ('minio', 'storage'),
    ('n8n', 'automation')
) AS known (id, category)
WHERE apps.id = known.id
  AND apps.category = 'other';
