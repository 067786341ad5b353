#include "detector/correlation/group_window.h"

#include <algorithm>
#include <iterator>
#include <vector>

namespace picket::detector {
namespace {

// A visitor for std::visit that combines one lambda per type.
template <typename... Lambdas>
struct Overloaded : Lambdas... {
  using Lambdas::operator()...;
};
template <typename... Lambdas>
Overloaded(Lambdas...) -> Overloaded<Lambdas...>;

}  // namespace

GroupWindow::GroupWindow(const CorrelationRule& rule) : window_(MakeWindow(rule)) {}

GroupWindow::Window GroupWindow::MakeWindow(const CorrelationRule& rule) {
  if (rule.type == sigma::CorrelationType::kValueCount) {
    return Window(std::in_place_type<ValueCountWindow>, rule.timespan);
  }
  return Window(std::in_place_type<EventCountWindow>, rule.timespan);
}

int64_t GroupWindow::Add(int64_t time, uint64_t value, Change* change) {
  if (auto* const events = std::get_if<EventCountWindow>(&window_)) {
    change->time = time;
    return events->Add(time);
  }
  return std::get<ValueCountWindow>(window_).Add(time, value, change);
}

void GroupWindow::Undo(const Change& change) {
  std::visit(Overloaded{[&](EventCountWindow& window) { window.Remove(change.time); },
                        [&](ValueCountWindow& window) { window.Undo(change); }},
             window_);
}

WindowExtent GroupWindow::Find(int64_t time, int64_t least) const {
  return std::visit([&](const auto& window) { return window.Find(time, least); }, window_);
}

WindowExtent GroupWindow::Count(int64_t from, int64_t to) const {
  return std::visit([&](const auto& window) { return window.Count(from, to); }, window_);
}

bool GroupWindow::FirstFrom(int64_t from, int64_t* time) const {
  return std::visit([&](const auto& window) { return window.FirstFrom(from, time); }, window_);
}

int64_t GroupWindow::size() const {
  return std::visit([](const auto& window) { return window.size(); }, window_);
}

int64_t GroupWindow::BucketOf(int64_t time) const {
  return std::visit([&](const auto& window) { return window.BucketOf(time); }, window_);
}

int64_t GroupWindow::StartOf(int64_t bucket) const {
  return std::visit([&](const auto& window) { return bucket * window.width(); }, window_);
}

int64_t GroupWindow::BucketToFree(int64_t entries) const {
  const auto walk = [&entries](const auto& buckets, const auto& size_of) {
    auto it = buckets.begin();
    const auto last = std::prev(buckets.end());
    for (; it != last && entries > 0; ++it) entries -= static_cast<int64_t>(size_of(it->second));
    return it->first;
  };
  return std::visit(
      Overloaded{[&](const EventCountWindow& window) {
                   return walk(window.counts().buckets(),
                               [](const StepFunction::Bucket& b) { return b.steps.size(); });
                 },
                 [&](const ValueCountWindow& window) {
                   return walk(window.buckets(),
                               [](const std::vector<uint64_t>& b) { return b.size(); });
                 }},
      window_);
}

void GroupWindow::Forget(int64_t bucket) {
  std::visit([&](auto& window) { window.Forget(bucket); }, window_);
}

void GroupWindow::Evict(int64_t bucket) {
  std::visit([&](auto& window) { window.Evict(bucket); }, window_);
}

void GroupWindow::ForEachRow(int64_t below_bucket, RowVisitor visit) const {
  std::visit(Overloaded{[&](const EventCountWindow& window) {
                          for (const auto& [number, bucket] : window.counts().buckets()) {
                            if (number >= below_bucket) break;
                            // A bucket without events has no row, although it has steps if windows
                            // of earlier events end in it.
                            const bool has_events = std::any_of(
                                bucket.steps.begin(), bucket.steps.end(),
                                [](const StepFunction::Step& step) { return step.plus != 0; });
                            if (has_events) visit(number, 0);
                          }
                        },
                        [&](const ValueCountWindow& window) {
                          for (const auto& [number, bucket] : window.buckets()) {
                            if (number >= below_bucket) break;
                            const uint32_t parts = window.PartsOf(number);
                            for (uint32_t part = 0; part < parts; ++part) visit(number, part);
                          }
                        }},
             window_);
}

std::string GroupWindow::EncodeRow(int64_t bucket, uint32_t part) const {
  return std::visit(
      Overloaded{[&](const EventCountWindow& window) { return window.EncodeBucket(bucket); },
                 [&](const ValueCountWindow& window) { return window.EncodePart(bucket, part); }},
      window_);
}

bool GroupWindow::RestoreRow(int64_t bucket, uint32_t part, std::string_view row) {
  return std::visit(
      Overloaded{[&](EventCountWindow& window) { return window.RestoreBucket(bucket, row); },
                 [&](ValueCountWindow& window) { return window.RestorePart(bucket, part, row); }},
      window_);
}

}  // namespace picket::detector
