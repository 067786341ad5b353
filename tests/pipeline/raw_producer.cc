#include "tests/pipeline/raw_producer.h"

#include <librdkafka/rdkafka.h>

#include <map>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/check.h"
#include "kafka/topics.h"

namespace picket {

RawProducer::RawProducer(const kafka::KafkaConfig& config, std::string topic, int partitions)
    : topic_(std::move(topic)), partitions_(partitions) {
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  char error[256];
  for (const auto& [name, value] :
       std::map<std::string, std::string>{{"bootstrap.servers", config.bootstrap_servers},
                                          {"enable.idempotence", "true"},
                                          // With several requests in flight, the first request to
                                          // a new partition may be lost (docs/decisions/0011).
                                          {"max.in.flight.requests.per.connection", "1"},
                                          {"compression.codec", "zstd"},
                                          {"linger.ms", "5"},
                                          {"message.max.bytes", "8388608"}}) {
    PICKET_CHECK(rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error, sizeof(error)) ==
                 RD_KAFKA_CONF_OK);
  }
  client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof(error)));
  PICKET_CHECK(client_ != nullptr);
}

RawProducer::~RawProducer() { Flush(); }

void RawProducer::Send(std::string_view tenant, std::string_view content_id,
                       std::string_view blob) {
  const std::string now =
      absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone());
  rd_kafka_resp_err_t code;
  do {
    code = rd_kafka_producev(
        client_.get(), RD_KAFKA_V_TOPIC(topic_.c_str()),
        RD_KAFKA_V_PARTITION(kafka::PartitionOf(tenant, partitions_)),
        RD_KAFKA_V_KEY(tenant.data(), tenant.size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(blob.data()), blob.size()),
        RD_KAFKA_V_HEADER("content-id", content_id.data(), static_cast<ssize_t>(content_id.size())),
        RD_KAFKA_V_HEADER("audit-content-type", "Audit.General", -1),
        RD_KAFKA_V_HEADER("content-created", now.data(), static_cast<ssize_t>(now.size())),
        RD_KAFKA_V_HEADER("chunk", "1/1", -1),
        RD_KAFKA_V_HEADER("fetched-at", now.data(), static_cast<ssize_t>(now.size())),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    rd_kafka_poll(client_.get(), code == RD_KAFKA_RESP_ERR__QUEUE_FULL ? 20 : 0);
  } while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL);
  PICKET_CHECK(code == RD_KAFKA_RESP_ERR_NO_ERROR);
}

void RawProducer::Delete(std::string_view tenant, std::string_view key) {
  PICKET_CHECK(rd_kafka_producev(client_.get(), RD_KAFKA_V_TOPIC(topic_.c_str()),
                                 RD_KAFKA_V_PARTITION(kafka::PartitionOf(tenant, partitions_)),
                                 RD_KAFKA_V_KEY(key.data(), key.size()),
                                 RD_KAFKA_V_VALUE(nullptr, 0),
                                 RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                 RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

void RawProducer::SendForeign(std::string_view tenant, std::string_view value) {
  PICKET_CHECK(rd_kafka_producev(client_.get(), RD_KAFKA_V_TOPIC(topic_.c_str()),
                                 RD_KAFKA_V_PARTITION(kafka::PartitionOf(tenant, partitions_)),
                                 RD_KAFKA_V_KEY(tenant.data(), tenant.size()),
                                 RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
                                 RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                 RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

void RawProducer::Flush() {
  PICKET_CHECK(rd_kafka_flush(client_.get(), 60'000) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

}  // namespace picket
