#pragma once

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/pipeline/pipeline.h"

namespace picket {

// Each blob once on `raw` and stored by `ledger`, each record Id once on `events` and once in `seen`, the alerts that the
// attacks deserve and nothing besides, no dead letter. On a failure it says which. Returns what lies on the topics.
TopicContents ExpectExactContents(Pipeline& pipeline, const simulator::Feed& feed);

// Parts of it.
void ExpectExactEvents(const TopicContents& contents, const simulator::Feed& feed);
void ExpectExactAlerts(const TopicContents& contents,
                       const std::vector<simulator::ExpectedAlert>& expected);

// How many of the expected alerts need an event that was produced before one of `moments` and another after it.
int CountStraddling(const simulator::Feed& feed, const TopicContents& contents,
                    const std::vector<absl::Time>& moments);

// The bootstrap servers of the real Kafka, PICKET_TEST_KAFKA; the test skips loudly when there is none, and fails on CI.
#define REQUIRE_KAFKA()                                                                  \
  if (std::getenv("PICKET_TEST_KAFKA") == nullptr) {                                     \
    if (std::getenv("CI") != nullptr) FAIL() << "PICKET_TEST_KAFKA is not set";          \
    GTEST_SKIP() << "SKIPPED: no real Kafka; set PICKET_TEST_KAFKA or run scripts/test"; \
  }

}  // namespace picket
