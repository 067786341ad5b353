#include "detector/correlation/step_function.h"

#include <algorithm>

namespace picket::detector {

int64_t StepFunction::NumberOf(int64_t time) const { return FloorDivide(time, bucket_ms_); }

int32_t StepFunction::Sum(const Bucket& bucket) {
  int32_t sum = 0;
  for (const Step& step : bucket.steps) sum += step.plus - step.minus;
  return sum;
}

void StepFunction::Recount(Bucket& bucket) {
  int32_t value = bucket.base;
  bucket.max = value;
  for (const Step& step : bucket.steps) {
    value += step.plus - step.minus;
    bucket.max = std::max(bucket.max, value);
  }
}

StepFunction::Iterator StepFunction::Get(int64_t number) {
  // Most lookups are for the newest bucket, so try it first.
  if (!buckets_.empty()) {
    const Iterator last = std::prev(buckets_.end());
    if (last->first == number) return last;
  }
  const Iterator next = buckets_.lower_bound(number);
  if (next != buckets_.end() && next->first == number) return next;
  const Iterator made = buckets_.emplace_hint(next, number, Bucket());
  if (has_front_ && number <= front_->first && made != buckets_.begin()) {
    const Bucket& before = std::prev(made)->second;
    made->second.base = before.base + Sum(before);
    made->second.max = made->second.base;
  }
  return made;
}

void StepFunction::AdvanceTo(int64_t time) {
  const int64_t number = NumberOf(time);
  if (!has_front_) {
    // This is the first event since construction or Clear.
    front_ = Get(number);
    has_front_ = true;
    front_time_ = time;
    int32_t value = 0;
    for (auto it = buckets_.begin();; ++it) {
      it->second.base = value;
      Recount(it->second);
      value += Sum(it->second);
      if (it == front_) break;
    }
    cursor_valid_ = false;
    return;
  }
  if (time < front_time_) return;
  if (number > front_->first) {
    const Iterator target = Get(number);
    while (front_ != target) {
      const int32_t end = front_->second.base + Sum(front_->second);
      ++front_;
      front_->second.base = end;
      Recount(front_->second);
    }
    cursor_valid_ = true;
    cursor_ = 0;
    cursor_value_ = front_->second.base;
  }
  front_time_ = time;
  const int64_t start = front_->first * bucket_ms_;
  const std::vector<Step>& steps = front_->second.steps;
  if (!cursor_valid_) {
    cursor_valid_ = true;
    cursor_ = 0;
    cursor_value_ = front_->second.base;
  }
  while (cursor_ < steps.size() && start + steps[cursor_].offset <= time) {
    cursor_value_ += steps[cursor_].plus - steps[cursor_].minus;
    ++cursor_;
  }
}

void StepFunction::AddStep(Iterator bucket, int64_t time, int32_t plus, int32_t minus) {
  std::vector<Step>& steps = bucket->second.steps;
  const auto offset = static_cast<uint32_t>(time - bucket->first * bucket_ms_);
  auto at = steps.end();
  if (!steps.empty() && steps.back().offset >= offset) {
    at = std::lower_bound(steps.begin(), steps.end(), offset,
                          [](const Step& step, uint32_t o) { return step.offset < o; });
  }
  if (at != steps.end() && at->offset == offset) {
    at->plus += plus;
    at->minus += minus;
    if (at->plus == 0 && at->minus == 0) {
      steps.erase(at);
      --size_;
    }
  } else {
    steps.insert(at, Step{offset, plus, minus});
    ++size_;
  }
}

int32_t StepFunction::Add(int64_t now, int64_t from, int64_t to, int32_t n) {
  const bool in_order = !has_front_ || now >= front_time_;
  AdvanceTo(now);
  const int64_t last = NumberOf(to + 1);

  if (in_order && from == now && n > 0 && cursor_valid_) {
    // Add returns the greatest value up to the newest event. This event is the newest, and [from,
    // to] begins at its time, so the result is the value at `now`.
    Bucket& bucket = front_->second;
    const int64_t start = front_->first * bucket_ms_;
    const auto offset = static_cast<uint32_t>(now - start);
    if (cursor_ > 0 && bucket.steps[cursor_ - 1].offset == offset) {
      bucket.steps[cursor_ - 1].plus += n;
    } else {
      bucket.steps.insert(bucket.steps.begin() + static_cast<int64_t>(cursor_), Step{offset, n, 0});
      ++cursor_;
      ++size_;
    }
    cursor_value_ += n;
    const int32_t value = cursor_value_;
    if (last == front_->first) {
      AddStep(front_, to + 1, 0, n);
      Recount(bucket);
    } else {
      bucket.max = std::max(bucket.max, value);
      AddStep(Get(last), to + 1, 0, n);
    }
    return value;
  }

  const Iterator first_bucket = Get(NumberOf(from));
  const Iterator last_bucket = Get(last);
  AddStep(first_bucket, from, n, 0);
  AddStep(last_bucket, to + 1, 0, n);
  cursor_valid_ = cursor_valid_ && first_bucket->first > front_->first;

  int32_t greatest = 0;
  for (Iterator it = first_bucket; it != buckets_.end() && it->first <= front_->first; ++it) {
    Bucket& bucket = it->second;
    const int64_t start = it->first * bucket_ms_;
    const bool is_first = it == first_bucket;
    const bool is_last = it == last_bucket;
    if (!is_first) bucket.base += n;
    if (!is_first && !is_last) {
      bucket.max += n;
      greatest = std::max(greatest, bucket.max);
      continue;
    }
    // The first and the last bucket may extend beyond the range. Consider only times in the range.
    int32_t value = bucket.base;
    bucket.max = value;
    if (!is_first) greatest = std::max(greatest, value);
    for (const Step& step : bucket.steps) {
      value += step.plus - step.minus;
      bucket.max = std::max(bucket.max, value);
      const int64_t time = start + step.offset;
      if (time >= from && time <= to) greatest = std::max(greatest, value);
    }
    if (is_last) {
      cursor_valid_ = cursor_valid_ && it != front_;
      break;
    }
  }
  return greatest;
}

int32_t StepFunction::At(int64_t time) const {
  const int64_t number = NumberOf(time);
  auto it = buckets_.upper_bound(number);
  if (it == buckets_.begin()) return 0;
  --it;
  // Buckets after the front have no valid `base`. Begin with the base of the front and add the
  // steps up to `time`.
  int32_t value = 0;
  auto base = it;
  while (has_front_ && base->first > front_->first && base != buckets_.begin()) --base;
  value = base->second.base;
  for (auto walk = base;; ++walk) {
    const int64_t start = walk->first * bucket_ms_;
    for (const Step& step : walk->second.steps) {
      if (start + step.offset > time) return value;
      value += step.plus - step.minus;
    }
    if (walk == it) break;
  }
  return value;
}

int64_t StepFunction::FirstAtLeast(int64_t from, int64_t to, int32_t least) const {
  int32_t value = At(from);
  if (value >= least) return from;
  for (auto it = buckets_.lower_bound(NumberOf(from)); it != buckets_.end(); ++it) {
    const int64_t start = it->first * bucket_ms_;
    for (const Step& step : it->second.steps) {
      const int64_t time = start + step.offset;
      if (time <= from) continue;
      if (time > to) return to + 1;
      value += step.plus - step.minus;
      if (value >= least) return time;
    }
  }
  return to + 1;
}

void StepFunction::DropBelow(int64_t bucket) {
  if (has_front_ && front_->first < bucket) {
    Clear();
    return;
  }
  while (!buckets_.empty() && buckets_.begin()->first < bucket) {
    size_ -= static_cast<int64_t>(buckets_.begin()->second.steps.size());
    buckets_.erase(buckets_.begin());
  }
}

void StepFunction::Clear() {
  buckets_.clear();
  size_ = 0;
  has_front_ = false;
  cursor_valid_ = false;
}

}  // namespace picket::detector
