#pragma once

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/pipeline/pipeline.h"

namespace picket {

// The distinct Ids of the published records, by tenant.
using PublishedIds = std::map<std::string, std::vector<std::string>>;

// Expects that each blob is on `raw` exactly once, and that its row in `ledger` has the state
// "stored". Expects that each record Id is exactly once on `events` and exactly once in `seen`,
// that exactly the expected alerts of the attacks are raised, and that there are no dead letters.
// The failures name missing and superfluous items. Returns the content of the topics.
TopicContents ExpectExactContents(Pipeline& pipeline, const simulator::Feed& feed);
// Does the same for any published records and expected alerts.
TopicContents ExpectExactContents(Pipeline& pipeline, const PublishedIds& published,
                                  const std::vector<simulator::ExpectedAlert>& expected);

// The next two functions are parts of ExpectExactContents.
void ExpectExactEvents(const TopicContents& contents, const PublishedIds& published);
void ExpectExactAlerts(const TopicContents& contents,
                       const std::vector<simulator::ExpectedAlert>& expected);

// Returns the number of expected alerts whose events were produced partly before and partly after
// one of `moments`.
int CountAlertsAcross(const simulator::Feed& feed, const TopicContents& contents,
                      const std::vector<absl::Time>& moments);

// Skips the test with a message if PICKET_TEST_KAFKA does not name the bootstrap servers of a real
// Kafka. On CI, fails the test instead.
#define REQUIRE_KAFKA()                                                                  \
  if (std::getenv("PICKET_TEST_KAFKA") == nullptr) {                                     \
    if (std::getenv("CI") != nullptr) FAIL() << "PICKET_TEST_KAFKA is not set";          \
    GTEST_SKIP() << "SKIPPED: no real Kafka; set PICKET_TEST_KAFKA or run scripts/test"; \
  }

}  // namespace picket
