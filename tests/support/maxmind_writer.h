#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace picket {

// Writes MaxMind DB files (format 2.0) of networks that are made up by the test.
//   MaxMindWriter writer({.type = "Test-City"});
//   writer.Add("203.0.113.0/24", R"({"country":{"iso_code":"PT"}})");
//   WriteFile(path, writer.File());
class MaxMindWriter {
 public:
  struct Options {
    std::string type = "Test-City";
    int record_bits = 28;  // 24, 28 or 32
    int ip_version = 6;    // IPv4 networks lie under ::/96 then
  };
  explicit MaxMindWriter(Options options) : options_(std::move(options)) {}

  // `data` is JSON: texts, whole numbers (uint32), fractions (double), objects, lists. A network that holds or lies in one
  // of another data splits it.
  void Add(const std::string& network, std::string_view data);
  std::string File() const;

 private:
  struct Node {
    // ≥ 0: a node; -1: nothing; below: data -(n + 2)
    int child[2] = {-1, -1};
  };
  void AppendValue(std::string& out, const void* element);

  const Options options_;
  std::vector<Node> nodes_ = std::vector<Node>(1);
  std::string data_;
  std::vector<size_t> offsets_;
  std::map<std::string, size_t> texts_;  // where a text is that came before: a pointer leads to it
};

}  // namespace picket
