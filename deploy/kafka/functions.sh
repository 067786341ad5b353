# shellcheck shell=bash
# Functions of fetch, start, stop and status. Those source this file; it is never run.
#
# A data folder belongs to these scripts if it contains the marker file. They never write to or empty any other
# folder.
#   DIR/.picket-kafka      marker: brokers=, cluster_id=, ports= (client and controller port of each broker)
#   DIR/broker-N/          server.properties, pid, server.log, jvm.log, log/ (the topics), tmp/

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
kafka_version=$(sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$here/pom.xml")
cache=${PICKET_KAFKA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/picket/kafka-$kafka_version}
# shellcheck disable=SC2034  # used by the scripts that source this file
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
    die "'$java' is not installed. Kafka $kafka_version needs Java 17: run scripts/install-deps, or set JAVA_HOME."
  local version
  version=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -1)
  [ "${version:-0}" -ge 17 ] ||
    die "'$java' is Java ${version:-unknown}; Kafka $kafka_version needs 17. Run scripts/install-deps, or set JAVA_HOME."
}

# True if the jars are complete and fit this pom.xml.
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

# broker_pid DIR N: the process id of the broker, if it runs and really is that broker.
broker_pid() {
  local pid
  pid=$(cat "$1/broker-$2/pid" 2> /dev/null) || return 1
  # Process ids are reused, so the command line is checked as well.
  [ -n "$pid" ] && { tr '\0' '\n' < "/proc/$pid/cmdline"; } 2> /dev/null |
    grep -qxF "$1/broker-$2/server.properties" && echo "$pid"
}

# answers PORT: true if a broker at the port answers the first request of the protocol, which asks for its versions.
answers() {
  (
    exec 3<> "/dev/tcp/127.0.0.1/$1" || exit 1
    printf '\x00\x00\x00\x0a\x00\x12\x00\x00\x00\x00\x00\x01\xff\xff' >&3
    # The response has its length and then our correlation id.
    [ "$(timeout 5 head -c 8 <&3 | tail -c 4 | od -An -tx1 | tr -d ' \n')" = 00000001 ]
  ) 2> /dev/null
}

in_use() { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }

# The data folder as an absolute path without symbolic links.
absolute() { realpath -m -- "$1"; }
