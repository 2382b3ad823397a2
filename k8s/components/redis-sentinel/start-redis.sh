#!/bin/sh
# Writes the configuration of this replica and starts Redis. Sentinel records in it which server is the primary.
set -eu
folder=${REDIS_CONFIG_FOLDER:-/etc/redis} file=${REDIS_DATA_FOLDER:-/data}/redis.conf
password=$(cat "$REDIS_PASSWORD_FILE")
# The name of the pod, such as redis-0.
host=$(hostname)
if [ -f "$file" ]; then
  role=$(grep '^replicaof ' "$file" || true)
elif [ "${host##*-}" = 0 ]; then
  role=''
else
  role='replicaof redis-0.redis 6379'
fi
umask 077
{
  cat "$folder/redis.conf"
  echo "replica-announce-ip $host.redis"
  echo "requirepass $password"
  echo "masterauth $password"
  echo "$role"
} > "$file.new"
mv "$file.new" "$file"
exec redis-server "$file"
