#!/bin/sh
# Run once by PostgreSQL's image: the owner migrates, the app only reads and writes, Temporal keeps to itself.
set -eu
psql -v ON_ERROR_STOP=1 -U postgres \
  -v owner="$OWNER_PASSWORD" -v app="$APP_PASSWORD" -v temporal="$TEMPORAL_PASSWORD" <<'SQL'
CREATE ROLE pult_owner LOGIN PASSWORD :'owner';
CREATE ROLE pult_app LOGIN PASSWORD :'app';
CREATE ROLE temporal LOGIN CREATEDB PASSWORD :'temporal';
CREATE DATABASE pult OWNER pult_owner;
REVOKE CONNECT ON DATABASE pult FROM PUBLIC;
GRANT CONNECT ON DATABASE pult TO pult_app;
SQL
