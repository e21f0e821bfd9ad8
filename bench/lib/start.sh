# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# How soon the standalone broker is ready, and how much memory it takes then.

readonly STARTS=5 IDLE_SECONDS=6

measure_start() {
  local started ready_ms rss_mib
  # The first start leaves the archive of classes that the others use, and the log that they read.
  rm -f "$ROOT/broker-image/target/standalone.jsa"
  for i in $(seq 0 $STARTS); do
    started=$(date +%s%N)
    start_standalone "$data/kinesis"
    ready_ms=$((($(date +%s%N) - started) / 1000000))
    sleep $IDLE_SECONDS
    rss_mib=$(($(sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' /proc/$pid/status) / 1024))
    kill $pid
    wait $pid || true
    pid=
    if [ "$i" = 0 ]; then
      printf 'first start: ready after %d ms, resident after %d s idle %d MiB\n' $ready_ms $IDLE_SECONDS $rss_mib
    else
      echo "$ready_ms $rss_mib" >>"$data/starts"
    fi
  done
  awk '{ print $1 > "'"$data"'/ms"; print $2 > "'"$data"'/mib" }' "$data/starts"
  printf 'then %d starts: ready after %s ms (median; %s at most), resident %s MiB (median; %s at most)\n' $STARTS \
    "$(sort -n "$data/ms" | sed -n "$(((STARTS + 1) / 2))p")" "$(sort -n "$data/ms" | tail -n 1)" \
    "$(sort -n "$data/mib" | sed -n "$(((STARTS + 1) / 2))p")" "$(sort -n "$data/mib" | tail -n 1)"
}
