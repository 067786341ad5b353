#include "kafka/worker/chained_stage.h"

#include <algorithm>
#include <utility>

#include "common/check.h"

namespace picket::kafka {

ChainedStage::ChainedStage(std::string name, std::unique_ptr<Stage> first,
                           std::unique_ptr<Stage> second, std::string topic_prefix)
    : first_(std::move(first)),
      second_(std::move(second)),
      link_(second_->spec().input),
      link_name_(TopicName(topic_prefix, link_)) {
  PICKET_CHECK(first_->spec().consumes_input && second_->spec().consumes_input);
  spec_.name = std::move(name);
  spec_.input = first_->spec().input;
  spec_.changelogs = first_->spec().changelogs;
  for (const Topic changelog : spec_.changelogs) {
    first_changelogs_.push_back(TopicName(topic_prefix, changelog));
  }
  for (const Topic changelog : second_->spec().changelogs) {
    PICKET_CHECK(!IsOfFirst(changelog));
    spec_.changelogs.push_back(changelog);
  }
}

bool ChainedStage::IsOfFirst(Topic changelog) const {
  const std::vector<Topic>& topics = first_->spec().changelogs;
  return std::find(topics.begin(), topics.end(), changelog) != topics.end();
}

void ChainedStage::BeginRestore(int32_t partition) {
  first_->BeginRestore(partition);
  second_->BeginRestore(partition);
}

void ChainedStage::RestoreRow(const Message& row) {
  const bool is_of_first = std::find(first_changelogs_.begin(), first_changelogs_.end(),
                                     row.topic) != first_changelogs_.end();
  (is_of_first ? first_ : second_)->RestoreRow(row);
}

void ChainedStage::EndRestore(int32_t partition) {
  first_->EndRestore(partition);
  second_->EndRestore(partition);
}

int64_t ChainedStage::RestoreFrom(Topic changelog, int32_t partition, int64_t begin, int64_t end) {
  return (IsOfFirst(changelog) ? first_ : second_)->RestoreFrom(changelog, partition, begin, end);
}

bool ChainedStage::IsRestored(int32_t partition) {
  // Calls both stages, even if the first returns false. A stage whose local copy of the state does
  // not belong to the log discards the copy in this call, and both stages may have such a copy.
  const bool is_first = first_->IsRestored(partition);
  const bool is_second = second_->IsRestored(partition);
  return is_first && is_second;
}

void ChainedStage::OnChangelogRow(Topic changelog, int32_t partition, int64_t offset) {
  (IsOfFirst(changelog) ? first_ : second_)->OnChangelogRow(changelog, partition, offset);
}

void ChainedStage::Suspend(int32_t partition) {
  first_->Suspend(partition);
  second_->Suspend(partition);
}

void ChainedStage::Resume(int32_t partition) {
  first_->Resume(partition);
  second_->Resume(partition);
}

void ChainedStage::Release(int32_t partition) {
  first_->Release(partition);
  second_->Release(partition);
}

void ChainedStage::Process(const Message& message, OutputBatch& out) {
  between_.Clear();
  first_->Process(message, between_);
  for (const OutputBatch::Entry& entry : between_.entries()) {
    const absl::Span<const Header> headers = between_.HeadersOf(entry);
    if (entry.topic == link_) {
      PICKET_CHECK(entry.partition == message.partition);
      Message handed_over = message;
      handed_over.topic = link_name_;
      handed_over.key = entry.key;
      handed_over.value = entry.value;
      handed_over.is_tombstone = entry.is_tombstone;
      handed_over.headers = Headers(headers);
      second_->Process(handed_over, out);
    } else if (entry.is_tombstone) {
      out.AddTombstone(entry.topic, entry.partition, entry.key);
    } else {
      out.Add(entry.topic, entry.partition, entry.key, entry.value, headers);
    }
  }
}

void ChainedStage::Flush(OutputBatch& out) {
  first_->Flush(out);
  second_->Flush(out);
}

void ChainedStage::Commit() {
  first_->Commit();
  second_->Commit();
}

void ChainedStage::Abort() {
  first_->Abort();
  second_->Abort();
}

void ChainedStage::BetweenTransactions() {
  first_->BetweenTransactions();
  second_->BetweenTransactions();
}

}  // namespace picket::kafka
