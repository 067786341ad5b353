#pragma once

// Normalises a blob with a DOM library. This file finds the tenant, the id and the time of each
// record. dom_event.h builds the event.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bench/twins/dom_event.h"
#include "bench/twins/twin.h"
#include "common/sha256.h"

namespace picket::twins {

template <typename Dom>
class DomNormalizer : public Twin {
 public:
  bool Normalize(const parser::BlobSource& source, std::string_view blob, TwinBatch& out) override {
    out.text.clear();
    out.events.clear();
    out.rejected = 0;
    Value* const root = dom_.ParseBlob(blob);
    if (root == nullptr) return false;
    if (Dom::IsArray(*root)) {
      for (Value& record : Dom::Elements(*root)) Emit(source, record, {}, out);
    } else {
      Emit(source, *root, blob, out);
    }
    return true;
  }

 private:
  using Value = typename Dom::Value;

  // Appends the event of a record. `original` contains the bytes of the record, or is empty if the
  // record is an element of an array.
  void Emit(const parser::BlobSource& source, Value& value, std::string_view original,
            TwinBatch& out) {
    if (Dom::IsObject(value)) record_.Read(value);
    if (!Dom::IsObject(value) || !record_.IsText(Field::kOperation)) {
      ++out.rejected;
      return;
    }
    Frame frame;
    frame.content_type = source.content_type;
    frame.logged_time_ms = ReadTime(source.fetched_at).value_or(-1);
    frame.processed_time_ms = source.processed_time_ms;
    const std::optional<std::string> organization =
        CanonicalTenant(record_.Text(Field::kOrganizationId));
    frame.tenant = source.tenant;
    if (frame.tenant.empty()) {
      frame.tenant =
          organization.value_or(std::string(FirstOf(source.fallback_tenant, kNilTenant)));
    }
    frame.org_mismatch = organization.has_value() && *organization != frame.tenant;
    frame.uid = frame.tenant + "|" + Id(value, original, frame);
    const std::optional<int64_t> created = CreationTime();
    frame.time_missing = !created.has_value();
    frame.time_ms = created.value_or(
        ReadTime(source.content_created)
            .value_or(std::max<int64_t>(
                frame.logged_time_ms >= 0 ? frame.logged_time_ms : frame.processed_time_ms, 0)));
    dom_.StartEvent();
    DomFacts<Dom> facts{dom_, record_, frame};
    facts.Find();
    const Value event = DomEvent<Dom>{dom_, facts}.Build();
    const size_t begin = out.text.size();
    dom_.Write(event, out.text);
    out.events.push_back({begin, out.text.size() - begin});
  }

  std::optional<int64_t> CreationTime() {
    const Value* const value = record_.Get(Field::kCreationTime);
    if (value == nullptr || !(Dom::IsText(*value) || Dom::IsNumber(*value))) return std::nullopt;
    return ReadTime(record_.AsText(*value));
  }

  std::string Id(const Value& record, std::string_view original, Frame& frame) {
    const std::string_view id = TrimSpaces(record_.Text(Field::kId));
    if (std::optional<std::string> guid = CanonicalTenant(id)) return *std::move(guid);
    if (!id.empty()) return id.size() <= 256 ? std::string(id) : HexPrefix(Sha256(id), 32);
    frame.id_missing = true;
    return HexPrefix(original.empty() ? Sha256(Dom::Dump(record)) : Sha256(original), 32);
  }

  Dom dom_;
  DomRecord<Dom> record_{dom_};
};

}  // namespace picket::twins
