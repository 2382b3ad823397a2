#!/bin/sh
# Checks the migrations of all services. For options and examples: scripts/check-migrations.sh --help
set -eu

cd "$(dirname "$0")/.."
exec npm run --silent check-migrations -- "$@"
