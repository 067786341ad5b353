#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace picket {

// Writes MaxMind DB files (format 2.0) with the networks of a test. For example:
//   MaxMindWriter writer({.type = "Test-City"});
//   writer.Add("203.0.113.0/24", R"({"country":{"iso_code":"PT"}})");
//   WriteFile(path, writer.File());
class MaxMindWriter {
 public:
  struct Options {
    std::string type = "Test-City";
    int record_bits = 28;  // size of a record in the search tree: 24, 28 or 32
    int ip_version = 6;    // 4 or 6; with 6, IPv4 networks are stored below ::/96
  };
  explicit MaxMindWriter(Options options) : options_(std::move(options)) {}

  // Adds a network. `data` is JSON with strings, integers (uint32), fractions (double), objects and
  // lists. If an earlier network contains the new network, the earlier network is split, and the
  // new network has its own data.
  void Add(const std::string& network, std::string_view data);
  std::string File() const;

 private:
  struct Node {
    // Each element is the index of a child node in `nodes_`, -1 if there is no child, or -(n + 2)
    // if the child is the data item at index n of `offsets_`.
    int child[2] = {-1, -1};
  };
  void AppendValue(std::string& out, const void* element);

  const Options options_;
  std::vector<Node> nodes_ = std::vector<Node>(1);
  std::string data_;
  std::vector<size_t> offsets_;
  std::map<std::string, size_t> texts_;  // offsets of the strings written so far
};

}  // namespace picket
