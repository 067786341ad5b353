#!/usr/bin/env bash
# deploy/kafka: two instances side by side, a broker that died, a restart on the same ports, and no
# process left behind.
set -euo pipefail
if [ -z "${PICKET_TEST_KAFKA:-}" ]; then
  echo "SKIPPED: needs a real Kafka (scripts/test starts one)"
  exit 77
fi
scratch=$(mktemp -d)
kafka=deploy/kafka
cleanup() {
  for data in "$scratch"/one "$scratch"/three; do
    if [ -f "$data/.picket-kafka" ]; then "$kafka/stop" --data "$data" 2> /dev/null || true; fi
  done
  rm -rf "$scratch"
}
trap cleanup EXIT
fail() {
  echo "FAILED: $*"
  exit 1
}
# expect_refusal WORDS COMMAND...: COMMAND fails and prints WORDS.
expect_refusal() {
  local words=$1 said
  shift
  if said=$("$@" 2>&1); then fail "'$*' was not refused"; fi
  grep -qF -- "$words" <<< "$said" || fail "'$*' said: $said"
}
is_gone() { ! grep -qs '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status"; }

expect_refusal "--brokers takes 1 or 3" "$kafka/start" --brokers 2
mkdir "$scratch/foreign" && touch "$scratch/foreign/file"
expect_refusal "contains other files" "$kafka/start" --data "$scratch/foreign"
expect_refusal "contains no Kafka that" "$kafka/stop" --data "$scratch/foreign"
[ -f "$scratch/foreign/file" ] || fail "a foreign folder was touched"
expect_refusal "'none/bin/java' is not installed" env JAVA_HOME=none "$kafka/start" --data "$scratch/one"
expect_refusal "ended during its start" env PICKET_KAFKA_HEAP=1m "$kafka/start" --data "$scratch/one"

expect_refusal "--listener takes NAME=PROTOCOL:PORT" "$kafka/start" --listener EXTRA:PLAINTEXT
expect_refusal "--properties takes a file" "$kafka/start" --properties "$scratch/missing"
expect_refusal "for a single broker" "$kafka/start" --data "$scratch/three" --brokers 3 --listener EXTRA=PLAINTEXT:1
is_open() { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }
port=$((20000 + RANDOM % 10000))
while is_open "$port"; do port=$((port + 1)); done
echo "message.max.bytes=9000000" > "$scratch/extra"
one=$("$kafka/start" --data "$scratch/one" --listener "EXTRA=PLAINTEXT:$port" --properties "$scratch/extra")
is_open "$port" || fail "the port of --listener is closed"
[[ $one =~ ^bootstrap=127\.0\.0\.1:[0-9]+$ ]] || fail "start printed '$one'"
three=$("$kafka/start" --brokers 3 --data "$scratch/three")
[[ $three =~ ^bootstrap=127\.0\.0\.1:[0-9]+,127\.0\.0\.1:[0-9]+,127\.0\.0\.1:[0-9]+$ ]] || fail "start printed '$three'"
[ "$("$kafka/start" --data "$scratch/one")" = "$one" ] || fail "a second start of a running one answers otherwise"
expect_refusal "has 3 broker(s), not 1" "$kafka/start" --brokers 1 --data "$scratch/three"
"$kafka/status" --data "$scratch/three" > /dev/null || fail "status says that a running Kafka does not run"

kill -KILL "$(cat "$scratch/three/broker-2/pid")"
until is_gone "$(cat "$scratch/three/broker-2/pid")"; do sleep 0.05; done
if "$kafka/status" --data "$scratch/three" > "$scratch/said"; then fail "status does not see a dead broker"; fi
grep -q 'broker 2: stopped' "$scratch/said" || fail "status said: $(cat "$scratch/said")"
[ "$("$kafka/start" --data "$scratch/three")" = "$three" ] || fail "the dead broker came back elsewhere"
"$kafka/status" --data "$scratch/three" > /dev/null || fail "the dead broker did not come back"

pids=("$(cat "$scratch/one/broker-1/pid")")
for n in 1 2 3; do pids+=("$(cat "$scratch/three/broker-$n/pid")"); done
kill -STOP "${pids[1]}" # a suspended process reacts only to SIGKILL and SIGCONT
"$kafka/stop" --data "$scratch/one"
"$kafka/stop" --data "$scratch/three" --purge
for pid in "${pids[@]}"; do is_gone "$pid" || fail "process $pid is left after stop"; done
[ ! -e "$scratch/three" ] || fail "--purge left the folder"
if "$kafka/status" --data "$scratch/one" > /dev/null; then fail "status says that a stopped Kafka runs"; fi

[ "$("$kafka/start" --data "$scratch/one")" = "$one" ] || fail "the restart has other ports"
is_open "$port" || fail "the restart lacks the port of --listener"
[ "$(grep -c '^message.max.bytes=9000000$' "$scratch/one/broker-1/server.properties")" = 1 ] ||
  fail "the restart lacks the lines of --properties"
echo "ok"
