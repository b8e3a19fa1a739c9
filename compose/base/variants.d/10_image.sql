-- What an image of its own kind ships (PostGIS, Timescale): it must run on an
-- empty volume, and it is not one of the project's scripts.
CREATE SCHEMA image;
CREATE TABLE image.marker (made_by text NOT NULL, made_at timestamptz NOT NULL DEFAULT now());
INSERT INTO image.marker (made_by) VALUES ('10_image.sql');
