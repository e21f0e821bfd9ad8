# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Other servers of the Kinesis API, from npm, installed once. Both keep everything in memory.

readonly PEERS=${MILLRACE_HOME:-$HOME/.local/share/millrace}/peers
readonly KINESALITE=3.3.3 KINESIS_MOCK=0.6.2
mock_port=14567 lite_port=14568

start_peers() {
  command -v npm >/dev/null || die 'the peers come from npm: install Node.js'
  if [ ! -e "$PEERS/$KINESALITE-$KINESIS_MOCK" ]; then
    mkdir -p "$PEERS"
    npm install --silent --no-audit --no-fund --prefix "$PEERS" "kinesalite@$KINESALITE" "kinesis-local@$KINESIS_MOCK" >&2
    touch "$PEERS/$KINESALITE-$KINESIS_MOCK"
  fi
  node "$PEERS/node_modules/kinesalite/cli.js" --port $lite_port --createStreamMs 0 --shardLimit 1000 >"$data/kinesalite" 2>&1 &
  lite_pid=$!
  # It looks for its certificate in the working directory.
  cd "$PEERS/node_modules/kinesis-local"
  KINESIS_MOCK_PLAIN_PORT=$mock_port KINESIS_MOCK_TLS_PORT=14569 SHARD_LIMIT=1000 CREATE_STREAM_DURATION=0ms \
    LOG_LEVEL=ERROR ROOT_LOG_LEVEL=ERROR node main.js >"$data/kinesis-mock" 2>&1 &
  mock_pid=$!
  cd "$ROOT"
  for port in $lite_port $mock_port; do
    for _ in $(seq 100); do
      curl -s -o "$data/answer" "http://127.0.0.1:$port/" && break
      kill -0 $lite_pid && kill -0 $mock_pid || { cat "$data/kinesalite" "$data/kinesis-mock" >&2; die 'a peer ended'; }
      sleep 0.2
    done
  done
}
