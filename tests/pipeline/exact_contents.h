#pragma once

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/pipeline/pipeline.h"

namespace picket {

// Expects that each blob is once on `raw` and stored according to `ledger`, that each record Id is
// once on `events` and once in `seen`, that the alerts are exactly those that the attacks must
// raise, and that there are no dead letters. A failure names what is missing or superfluous.
// Returns the content of the topics.
TopicContents ExpectExactContents(Pipeline& pipeline, const simulator::Feed& feed);

// Parts of ExpectExactContents.
void ExpectExactEvents(const TopicContents& contents, const simulator::Feed& feed);
void ExpectExactAlerts(const TopicContents& contents,
                       const std::vector<simulator::ExpectedAlert>& expected);

// The number of expected alerts that need an event produced before one of `moments` and another one
// produced after it.
int CountAlertsAcross(const simulator::Feed& feed, const TopicContents& contents,
                      const std::vector<absl::Time>& moments);

// Skips the test with a message if PICKET_TEST_KAFKA does not name the bootstrap servers of a real
// Kafka. Fails instead on CI.
#define REQUIRE_KAFKA()                                                                  \
  if (std::getenv("PICKET_TEST_KAFKA") == nullptr) {                                     \
    if (std::getenv("CI") != nullptr) FAIL() << "PICKET_TEST_KAFKA is not set";          \
    GTEST_SKIP() << "SKIPPED: no real Kafka; set PICKET_TEST_KAFKA or run scripts/test"; \
  }

}  // namespace picket
