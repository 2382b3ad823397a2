#!/bin/sh
# Writes the configuration of Sentinel at the first start, and starts it. Sentinel itself keeps the file up to date.
set -eu
file=${REDIS_DATA_FOLDER:-/data}/sentinel.conf
password=$(cat "$REDIS_PASSWORD_FILE")
host=$(hostname)
umask 077
if [ ! -s "$file" ]; then
  {
    echo 'port 26379'
    echo 'sentinel resolve-hostnames yes'
    echo 'sentinel announce-hostnames yes'
    echo "sentinel announce-ip $host.redis"
    echo 'sentinel monitor main redis-0.redis 6379 2'
    echo "sentinel auth-pass main $password"
    echo 'sentinel down-after-milliseconds main 5000'
    echo 'sentinel failover-timeout main 30000'
    echo "requirepass $password"
    echo "sentinel sentinel-pass $password"
  } > "$file.new"
  mv "$file.new" "$file"
fi
exec redis-server "$file" --sentinel
