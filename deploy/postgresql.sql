-- A database for Übergang: psql --set ON_ERROR_STOP=1 --file postgresql.sql, as the superuser.
--
-- The role is neither superuser nor may it pass by row-level security: with either, the database
-- would not keep schools apart. It comes in by the machine's own socket, as the system's user of
-- the same name (`peer` in pg_hba.conf), so that there is no password to lose.

CREATE ROLE uebergang LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
CREATE DATABASE uebergang OWNER uebergang ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE uebergang FROM PUBLIC;

-- What people are called must not stand in the server's log, not even where a statement fails.
ALTER ROLE uebergang SET log_statement = 'none';
ALTER ROLE uebergang SET log_min_error_statement = 'panic';
ALTER ROLE uebergang SET log_min_duration_statement = -1;
ALTER ROLE uebergang SET log_parameter_max_length = 0;
ALTER ROLE uebergang SET log_parameter_max_length_on_error = 0;
ALTER ROLE uebergang SET log_error_verbosity = 'terse';
-- Whoever forgets to finish must not hold up the others for ever.
ALTER ROLE uebergang SET idle_in_transaction_session_timeout = '10min';
