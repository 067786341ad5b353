#include "bench/twins/difference.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"

namespace picket::twins {
namespace {

using simdjson::dom::element;

bool SameNumber(double a, double b) { return a == b || std::fabs(a - b) <= 1e-14 * std::fabs(a); }

bool EqualsInline(std::string_view a, std::string_view b) {
  if (a == b) return true;
  simdjson::dom::parser parser;
  const auto number = [&](std::string_view text) {
    double value = 0;
    const simdjson::padded_string padded(text);
    return parser.parse(padded).get_double().get(value) == simdjson::SUCCESS ? value : NAN;
  };
  return SameNumber(number(a), number(b));
}

// Returns the first difference between `a` and `b`, or an empty string if they are equal. `path`
// leads from the event to both values.
std::string DifferenceAt(element a, element b, const std::string& path) {
  const auto differ = [&] {
    return absl::StrCat(path, ": ", std::string(simdjson::minify(a)), " | ",
                        std::string(simdjson::minify(b)));
  };
  if (a.is_number() && b.is_number()) {
    return SameNumber(a.get_double().value(), b.get_double().value()) ? "" : differ();
  }
  if (a.type() != b.type()) return differ();
  if (a.is_string()) {
    return EqualsInline(a.get_string().value(), b.get_string().value()) ? "" : differ();
  }
  if (a.is_bool()) return a.get_bool().value() == b.get_bool().value() ? "" : differ();
  if (a.is_array()) {
    const simdjson::dom::array as = a.get_array().value();
    const simdjson::dom::array bs = b.get_array().value();
    if (as.size() != bs.size()) return differ();
    auto other = bs.begin();
    size_t i = 0;
    for (const element one : as) {
      std::string difference = DifferenceAt(one, *other, absl::StrCat(path, "/", i++));
      if (!difference.empty()) return difference;
      ++other;
    }
    return "";
  }
  if (!a.is_object()) return "";
  // Returns the members sorted by name. If several members have the same name, they keep their
  // order.
  const auto sorted = [&](element object) {
    std::vector<simdjson::dom::key_value_pair> members;
    const simdjson::dom::object all = object.get_object().value();
    for (const simdjson::dom::key_value_pair member : all) {
      if (!path.empty() || member.key != "raw_data_hash") members.push_back(member);
    }
    std::stable_sort(members.begin(), members.end(),
                     [](const auto& x, const auto& y) { return x.key < y.key; });
    return members;
  };
  const auto as = sorted(a);
  const auto bs = sorted(b);
  for (size_t i = 0; i < std::max(as.size(), bs.size()); ++i) {
    if (i == bs.size() || (i < as.size() && as[i].key < bs[i].key)) {
      return absl::StrCat(path, "/", std::string(as[i].key), " only in the first");
    }
    if (i == as.size() || bs[i].key < as[i].key) {
      return absl::StrCat(path, "/", std::string(bs[i].key), " only in the second");
    }
    std::string difference =
        DifferenceAt(as[i].value, bs[i].value, absl::StrCat(path, "/", std::string(as[i].key)));
    if (!difference.empty()) return difference;
  }
  return "";
}

}  // namespace

std::string Difference(std::string_view a, std::string_view b) {
  simdjson::dom::parser first;
  simdjson::dom::parser second;
  element as;
  element bs;
  if (first.parse(a.data(), a.size()).get(as) != simdjson::SUCCESS) return "the first is no JSON";
  if (second.parse(b.data(), b.size()).get(bs) != simdjson::SUCCESS) return "the second is no JSON";
  return DifferenceAt(as, bs, "");
}

}  // namespace picket::twins
