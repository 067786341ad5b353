#include "tests/secured/secured_test.h"

#include <memory>

namespace picket {
namespace {

// Starts the Kafka for the first test that needs it, and stops it after the last test.
class KafkaEnvironment : public testing::Environment {
 public:
  void TearDown() override { kafka_.reset(); }

  absl::Status Start() {
    if (is_tried_) return status_;
    is_tried_ = true;
    auto kafka = SecuredKafka::Start();
    status_ = kafka.status();
    if (kafka.ok()) kafka_ = *std::move(kafka);
    return status_;
  }
  SecuredKafka& kafka() { return *kafka_; }

 private:
  bool is_tried_ = false;
  absl::Status status_;
  std::unique_ptr<SecuredKafka> kafka_;
};

KafkaEnvironment* const environment = new KafkaEnvironment();
[[maybe_unused]] testing::Environment* const added = testing::AddGlobalTestEnvironment(environment);

}  // namespace

void SecuredTest::SetUp() {
  const absl::Status status = environment->Start();
  if (absl::IsNotFound(status)) GTEST_SKIP() << status.message();
  ASSERT_TRUE(status.ok()) << status;
}

SecuredKafka& SecuredTest::kafka() { return environment->kafka(); }

}  // namespace picket
