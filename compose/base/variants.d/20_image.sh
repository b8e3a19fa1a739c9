# Sourced by the entrypoint: not executable, and in need of its functions.
docker_process_sql -c "INSERT INTO image.marker (made_by) VALUES ('20_image.sh')"
