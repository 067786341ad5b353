#pragma once

#include <gtest/gtest.h>

#include "tests/secured/secured_kafka.h"

namespace picket {

// A test on the secured Kafka. All tests of the program share one. They are skipped if there is no
// real Kafka.
class SecuredTest : public testing::Test {
 protected:
  void SetUp() override;
  static SecuredKafka& kafka();
};

}  // namespace picket
