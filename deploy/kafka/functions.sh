# shellcheck shell=bash
# What fetch, start, stop and status share. Sourced, never run.
#
# A data folder belongs to these scripts when it holds the marker file; no other folder is ever written or emptied.
#   DIR/.picket-kafka      marker: brokers=, cluster_id=, ports= (client and controller port of each broker)
#   DIR/broker-N/          server.properties, pid, server.log, jvm.log, log/ (the topics), tmp/

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
kafka_version=$(sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$here/pom.xml")
cache=${PICKET_KAFKA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/picket/kafka-$kafka_version}
# shellcheck disable=SC2034  # used by those who source this
default_data=${XDG_STATE_HOME:-$HOME/.local/state}/picket/kafka

say() { printf '%s\n' "$*" >&2; }
die() {
  say "${0##*/}: $*"
  exit 1
}
usage_error() {
  say "${0##*/}: $*"
  say "Try '${0##*/} --help'."
  exit 2
}

# find_java: sets $java to a Java 17 or newer.
find_java() {
  java=${JAVA_HOME:+$JAVA_HOME/bin/}java
  command -v "$java" > /dev/null ||
    die "no '$java' here. Kafka $kafka_version needs Java 17: run scripts/install-deps, or set JAVA_HOME."
  local version
  version=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -1)
  [ "${version:-0}" -ge 17 ] ||
    die "'$java' is Java ${version:-unknown}; Kafka $kafka_version needs 17. Run scripts/install-deps, or set JAVA_HOME."
}

# The jars are complete and are those of this pom.xml.
is_fetched() {
  [ -f "$cache/complete" ] && [ "$(cat "$cache/complete")" = "$(sha256sum < "$here/pom.xml")" ]
}

# read_marker DIR: sets brokers, cluster_id, ports.
read_marker() {
  brokers='' cluster_id='' ports=()
  local key value
  while IFS='=' read -r key value; do
    case $key in
      brokers) brokers=$value ;;
      cluster_id) cluster_id=$value ;;
      ports) read -r -a ports <<< "$value" ;;
    esac
  done < "$1/.picket-kafka"
}

write_marker() {
  {
    echo "brokers=$brokers"
    echo "cluster_id=$cluster_id"
    echo "ports=${ports[*]}"
  } > "$1/.picket-kafka.new"
  mv "$1/.picket-kafka.new" "$1/.picket-kafka"
}

client_port() { echo "${ports[$((2 * $1 - 2))]}"; }
controller_port() { echo "${ports[$((2 * $1 - 1))]}"; }

bootstrap() {
  local list='' n
  for n in $(seq "$brokers"); do list+=${list:+,}127.0.0.1:$(client_port "$n"); done
  echo "$list"
}

# broker_pid DIR N: the process of the broker, when it lives and really is that broker.
broker_pid() {
  local pid
  pid=$(cat "$1/broker-$2/pid" 2> /dev/null) || return 1
  # A process number is used again after the process is gone, so the command line is looked at too.
  [ -n "$pid" ] && { tr '\0' '\n' < "/proc/$pid/cmdline"; } 2> /dev/null |
    grep -qxF "$1/broker-$2/server.properties" && echo "$pid"
}

# answers PORT: a broker there answers the protocol's first question, which versions it speaks.
answers() {
  (
    exec 3<> "/dev/tcp/127.0.0.1/$1" || exit 1
    printf '\x00\x00\x00\x0a\x00\x12\x00\x00\x00\x00\x00\x01\xff\xff' >&3
    # Length, then our correlation id back.
    [ "$(timeout 5 head -c 8 <&3 | tail -c 4 | od -An -tx1 | tr -d ' \n')" = 00000001 ]
  ) 2> /dev/null
}

in_use() { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }

# The data folder as an absolute path without symbolic links.
absolute() { realpath -m -- "$1"; }
