// Tests the part of the duplicate window that is on disk. Ids are stored there in sorted files,
// called runs (parser/duplicates/partition_window.h).

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "common/file.h"
#include "common/strings.h"
#include "parser/duplicates/duplicate_window.h"
#include "parser/duplicates/run_folder.h"

namespace picket::parser {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTenants[] = {"11111111-1111-4111-8111-111111111111",
                                    "22222222-2222-4222-8222-222222222222",
                                    "33333333-3333-4333-8333-333333333333"};

RecordId IdOf(uint64_t number, bool is_hash = false) {
  RecordId id{{}, is_hash};
  for (int i = 0; i < 8; ++i) id.bytes[15 - i] = static_cast<uint8_t>(number >> (8 * i));
  return id;
}
absl::Time Hour(int hour) { return absl::UnixEpoch() + absl::Hours(500'000 + hour); }

// A temporary folder. The destructor deletes the folder.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    // The tests call fsync thousands of times, which is fast for files in memory.
    const char* const base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : P_tmpdir;
    std::string path = (fs::path(base) / "seen_runs.XXXXXX").string();
    path_ = mkdtemp(path.data());
  }
  ~TemporaryFolder() { fs::remove_all(path_); }
  const std::string& path() const { return path_; }
  std::vector<std::string> Files(const std::string& folder) const {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(path_ + "/" + folder, error)) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  std::string path_;
};

// A partition of the topic `seen`, from which DuplicateWindow restores Ids after a restart.
struct Topic {
  struct Row {
    int64_t offset;
    std::string tenant;
    std::string value;
  };
  std::vector<Row> rows;
  int64_t end = 0;
};

// The slow twin: a simple implementation of DuplicateWindow. It never forgets an Id. For each Id it
// keeps the last hour at which the Id was accepted as new.
struct NaiveWindow {
  using Key = std::tuple<std::string, uint64_t, bool, int32_t>;
  int32_t window_hours;
  std::map<Key, int32_t> arrivals;

  bool IsNew(const Key& key, int32_t hour) const {
    const auto found = arrivals.find(key);
    return found == arrivals.end() || found->second < hour - window_hours;
  }
};

// Calls a DuplicateWindow as a worker with one partition does. Simulates the topic `seen`,
// restarts, and transactions that commit or abort.
class Partition {
 public:
  Partition(DuplicateWindowOptions options, int32_t number)
      : options_(std::move(options)), number_(number) {
    naive_.window_hours = static_cast<int32_t>(absl::ToInt64Hours(options_.window));
    Start();
  }

  // Replaces the window with a new one, as a restart does. Returns the number of rows of `seen`
  // that the new window had to read.
  int Start() {
    seen_.reset();
    seen_ = std::make_unique<DuplicateWindow>(options_, metrics_);
    return Restore();
  }

  int Restore() {
    for (int attempt = 0; attempt < 3; ++attempt) {
      seen_->BeginRestore(number_);
      const int64_t begin = topic_.rows.empty() ? topic_.end : topic_.rows.front().offset;
      const int64_t from = seen_->RestoreFrom(number_, begin, topic_.end);
      int rows = 0;
      for (const Topic::Row& row : topic_.rows) {
        if (row.offset < from) continue;
        EXPECT_TRUE(seen_->RestoreRow(number_, row.offset, row.tenant, row.value));
        ++rows;
      }
      if (seen_->IsRestored(number_)) return rows;
      seen_->Release(number_);
    }
    ADD_FAILURE() << "restored again and again";
    return -1;
  }

  bool Insert(const NaiveWindow::Key& key, int32_t hour) {
    return seen_->Insert(number_, std::get<0>(key), IdOf(std::get<1>(key), std::get<2>(key)),
                         std::get<3>(key), Hour(hour));
  }

  // Runs a transaction with these records. Expects that the window and the slow twin accept the
  // same Ids as new.
  void Transaction(const std::vector<NaiveWindow::Key>& records, int32_t hour, bool commit,
                   bool report_offsets = true) {
    std::set<NaiveWindow::Key> open;
    for (const NaiveWindow::Key& key : records) {
      const bool is_new = naive_.IsNew(key, hour) && open.count(key) == 0;
      if (is_new) open.insert(key);
      ASSERT_EQ(Insert(key, hour), is_new) << std::get<0>(key) << " " << std::get<1>(key) << " of "
                                           << std::get<3>(key) << " at " << hour;
    }
    std::vector<Topic::Row> rows;
    seen_->Flush(
        [&](int32_t partition, std::string_view tenant, std::string_view value) {
          EXPECT_EQ(partition, number_);
          rows.push_back({0, std::string(tenant), std::string(value)});
        },
        [&](const ForgottenIds& loss) { losses_.push_back(loss); });
    for (Topic::Row& row : rows) row.offset = topic_.end++;
    ++topic_.end;  // Kafka writes a commit or abort marker at the end of each transaction
    if (!commit) {
      seen_->Abort();
      return;
    }
    if (report_offsets && !rows.empty()) seen_->OnRowsWritten(number_, rows.back().offset);
    seen_->Commit();
    for (Topic::Row& row : rows) topic_.rows.push_back(std::move(row));
    for (const NaiveWindow::Key& key : open) naive_.arrivals[key] = hour;
  }

  DuplicateWindow& seen() { return *seen_; }
  Metrics& metrics() { return metrics_; }
  Topic& topic() { return topic_; }
  DuplicateWindowOptions& options() { return options_; }
  const std::vector<ForgottenIds>& losses() const { return losses_; }
  double Sum(const std::string& name) const { return metrics_.Sum("picket_parser_" + name); }

 private:
  DuplicateWindowOptions options_;
  int32_t number_;
  Metrics metrics_;
  std::unique_ptr<DuplicateWindow> seen_;
  Topic topic_;
  NaiveWindow naive_;
  std::vector<ForgottenIds> losses_;
};

// A typical stream of records. Most records are a few hours old, some are late, and some are
// duplicates.
class Stream {
 public:
  explicit Stream(uint64_t seed) : random_(seed) {}

  std::vector<NaiveWindow::Key> Batch(int size, int32_t hour) {
    std::vector<NaiveWindow::Key> records;
    for (int i = 0; i < size; ++i) {
      if (!history_.empty() && random_() % 5 == 0) {
        records.push_back(history_[random_() % history_.size()]);
        continue;
      }
      const int32_t late = random_() % 10 == 0 ? random_() % 60 : random_() % 3;
      records.push_back({kTenants[random_() % 3], random_() % 1'000'000, random_() % 16 == 0,
                         1000 + hour - late});
      history_.push_back(records.back());
    }
    return records;
  }
  uint64_t Draw() { return random_(); }

 private:
  std::mt19937_64 random_;
  std::vector<NaiveWindow::Key> history_;
};

class PartitionWindowTest : public testing::Test {
 protected:
  DuplicateWindowOptions Options() {
    return {.window = absl::Hours(48),
            .budget_bytes = 60'000,
            .dir = folder_.path(),
            .folder = "o365.seen"};
  }
  std::vector<std::string> Files() { return folder_.Files("o365.seen-3"); }
  std::string PathOf(const std::string& name) { return folder_.path() + "/o365.seen-3/" + name; }

  // Runs enough transactions to move most Ids to disk.
  void Fill(Partition& partition, int hours = 20, int first_hour = 0) {
    for (int hour = first_hour; hour < first_hour + hours; ++hour) {
      partition.Transaction(stream_.Batch(500, hour), hour, true);
    }
  }

  TemporaryFolder folder_;
  Stream stream_{17};
};

TEST_F(PartitionWindowTest, AgreesWithTheSlowTwinOnLateRecordsAbortsExpiryAndRestarts) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    fs::remove_all(folder_.path());
    fs::create_directories(folder_.path());
    Stream stream(seed);
    Partition partition(Options(), 3);
    int restarts = 0;
    int rows_read = 0;
    size_t rows_held = 0;
    for (int transaction = 0; transaction < 1200; ++transaction) {
      const int32_t hour = transaction / 8;
      partition.Transaction(stream.Batch(1 + stream.Draw() % 200, hour), hour,
                            stream.Draw() % 6 != 0, stream.Draw() % 10 != 0);
      if (HasFatalFailure()) return;
      if (stream.Draw() % 60 == 0) {
        ++restarts;
        rows_read += partition.Start();
        rows_held += partition.topic().rows.size();
      }
      if (stream.Draw() % 60 == 0) {
        partition.seen().Suspend(3);
        partition.seen().Resume(3);
      }
    }
    EXPECT_GT(partition.Sum("seen_disk_bytes"), 0);
    EXPECT_LE(partition.Sum("seen_bytes"), 60'000);
    EXPECT_LE(partition.Sum("seen_runs"), 40);
    EXPECT_EQ(partition.Sum("seen_forgotten_total"), 0);
    EXPECT_TRUE(partition.losses().empty());
    EXPECT_GT(restarts, 5);
    EXPECT_LT(rows_read * 2, static_cast<int>(rows_held)) << "restarts read most of the topic";
  }
}

TEST_F(PartitionWindowTest, AgreesWithTheSlowTwinAfterAnyDamageBetweenStarts) {
  Partition partition(Options(), 3);
  int whole = 0;
  for (int round = 0; round < 60; ++round) {
    for (int i = 0; i < 6; ++i) {
      partition.Transaction(stream_.Batch(200, round), round, stream_.Draw() % 6 != 0);
      if (HasFatalFailure()) return;
    }
    // Damages one file: changes a bit, truncates or deletes the file, or copies another run over
    // it. Some rounds add files that the window does not use, and some rounds change nothing.
    const std::vector<std::string> files = Files();
    std::vector<std::string> runs;
    for (const std::string& name : files) {
      if (name.rfind("run-", 0) == 0) runs.push_back(name);
    }
    const std::string victim = runs.empty() ? "manifest" : runs[stream_.Draw() % runs.size()];
    const int64_t size = fs::exists(PathOf(victim)) ? fs::file_size(PathOf(victim)) : 0;
    bool damaged = size > 0;
    switch (stream_.Draw() % 7) {
      case 0:
      case 1:
        if (damaged) {
          std::fstream file(PathOf(victim), std::ios::in | std::ios::out | std::ios::binary);
          const int64_t at = static_cast<int64_t>(stream_.Draw() % size);
          file.seekg(at);
          const char byte = static_cast<char>(file.get() ^ (1 << stream_.Draw() % 8));
          file.seekp(at);
          file.put(byte);
        }
        break;
      case 2:
        if (damaged) fs::resize_file(PathOf(victim), size - 1);
        break;
      case 3:
        if (damaged) fs::remove(PathOf(victim));
        break;
      case 4:
        damaged =
            runs.size() >= 2 && fs::file_size(PathOf(runs[0])) == fs::file_size(PathOf(runs[1]));
        if (damaged)
          fs::copy_file(PathOf(runs[0]), PathOf(runs[1]), fs::copy_options::overwrite_existing);
        break;
      case 5:
        damaged = false;
        (void)WriteFile(PathOf("run-777777"), "leftover");
        (void)WriteFile(PathOf("run-777778.tmp"), "leftover");
        break;
      default:
        damaged = false;
    }
    const int read = partition.Start();
    if (damaged) {
      EXPECT_EQ(read, static_cast<int>(partition.topic().rows.size()));
      ++whole;
    }
    for (const std::string& name : Files())
      EXPECT_EQ(name.rfind("run-77777", 0), std::string::npos);
  }
  EXPECT_GT(whole, 10);
  EXPECT_EQ(partition.Sum("seen_forgotten_total"), 0);
}

TEST_F(PartitionWindowTest, RunsOfAnotherTopicAreDiscarded) {
  Partition partition(Options(), 3);
  Fill(partition);
  ASSERT_GT(partition.Sum("seen_disk_bytes"), 0);
  // Imitates a topic that was deleted and created again. It has as many rows as before, but other
  // Ids.
  Partition other(Options(), 4);
  Stream another(99);
  for (int hour = 0; hour < 20; ++hour) other.Transaction(another.Batch(500, hour), hour, true);
  partition.topic() = other.topic();
  partition.options().budget_bytes = 100 << 20;
  EXPECT_EQ(partition.Start(), static_cast<int>(partition.topic().rows.size()));
  for (const Topic::Row& row : partition.topic().rows) {
    EXPECT_GE(row.value.size(), 29u);
  }
  EXPECT_EQ(partition.seen().size(), other.seen().size());
}

TEST_F(PartitionWindowTest, RunsAreDiscardedWhenTheTopicHasLostTheirRows) {
  Partition partition(Options(), 3);
  Fill(partition);
  partition.topic().rows.clear();  // retention has deleted everything
  EXPECT_EQ(partition.Start(), 0);
  EXPECT_EQ(partition.seen().size(), 0);
  EXPECT_EQ(Files(), std::vector<std::string>{"lock"});
}

TEST_F(PartitionWindowTest, AnAbortedTransactionWritesNothingToDisk) {
  Partition partition(Options(), 3);
  Fill(partition, 5);
  const auto before = Files();
  const double ids = partition.Sum("seen_ids");
  // The transactions contain far more Ids than `budget_bytes` allows.
  for (int i = 0; i < 20; ++i) {
    partition.Transaction(stream_.Batch(5000, 5), 5, /*commit=*/false);
  }
  EXPECT_EQ(Files(), before);
  EXPECT_EQ(partition.Sum("seen_ids"), ids);
}

TEST_F(PartitionWindowTest, AnotherWorkerTakesOverThePartitionWithItsRuns) {
  Partition partition(Options(), 3);
  Fill(partition);
  const int64_t size = partition.seen().size();
  partition.seen().Suspend(3);  // the partition is revoked, but its state is kept
  Metrics metrics;
  DuplicateWindow other(Options(), metrics);
  other.BeginRestore(3);
  const int64_t from = other.RestoreFrom(3, 0, partition.topic().end);
  EXPECT_GT(from, 0);
  for (const Topic::Row& row : partition.topic().rows) {
    if (row.offset < from) continue;
    EXPECT_TRUE(other.RestoreRow(3, row.offset, row.tenant, row.value));
  }
  EXPECT_TRUE(other.IsRestored(3));
  EXPECT_EQ(other.size(), size);
  // The other worker writes new runs and merges runs. The runs that the first worker has open must
  // not change.
  for (int i = 0; i < 3000; ++i) {
    other.Insert(3, kTenants[0], IdOf(5'000'000 + i), 1020, Hour(20));
    if (i % 100 == 99) other.Commit();
  }
  other.Release(3);
  partition.seen().Resume(3);
  Fill(partition, 5, 20);
  EXPECT_EQ(metrics.Sum("picket_parser_seen_forgotten_total"), 0);
}

TEST_F(PartitionWindowTest, AFolderLockedByAnotherProcessIsNotTouched) {
  Partition owner(Options(), 3);
  Fill(owner);
  const auto files = Files();
  Partition guest(Options(), 3);  // cannot lock the folder, so it uses unnamed files
  Stream stream(5);
  for (int hour = 0; hour < 20; ++hour) guest.Transaction(stream.Batch(500, hour), hour, true);
  EXPECT_GT(guest.Sum("seen_disk_bytes"), 0);
  EXPECT_EQ(Files(), files);
  EXPECT_EQ(guest.Sum("seen_forgotten_total"), 0);
  Fill(owner, 5, 20);
}

TEST_F(PartitionWindowTest, AChildProcessDoesNotChangeItsParentsFiles) {
  Partition partition(Options(), 3);
  Fill(partition);
  std::map<std::string, std::string> before;
  for (const std::string& name : Files()) before[name] = ReadFile(PathOf(name)).value();
  const pid_t child = fork();
  if (child == 0) {
    // If a message may cause a crash, a worker first processes it in a child process. This loop
    // imitates that child process.
    for (int i = 0; i < 20'000; ++i) {
      partition.seen().Insert(3, kTenants[0], IdOf(7'000'000 + i), 1020, Hour(20));
      if (i % 100 == 99) partition.seen().Commit();
    }
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  std::map<std::string, std::string> after;
  for (const std::string& name : Files()) after[name] = ReadFile(PathOf(name)).value();
  EXPECT_EQ(before, after);
  Fill(partition, 10, 20);
}

TEST_F(PartitionWindowTest, IdsOutsideTheWindowAreRemovedFromDisk) {
  Partition partition(Options(), 3);
  Fill(partition, 48);
  const double full = partition.Sum("seen_disk_bytes");
  Fill(partition, 150, 48);
  EXPECT_LT(partition.Sum("seen_disk_bytes"), full * 1.5);
  int64_t on_disk = 0;
  for (const std::string& name : Files()) on_disk += fs::file_size(PathOf(name));
  EXPECT_LT(on_disk, full * 2);
}

TEST_F(PartitionWindowTest, AfterAKillAtAnyDiskCallTheNextStartReusesOrDiscardsTheFiles) {
  Partition partition(Options(), 3);
  for (int round = 0; round < 40; ++round) {
    const int calls = 1 + static_cast<int>(stream_.Draw() % 60);
    const uint64_t seed = stream_.Draw();
    partition.seen().Release(3);
    const pid_t child = fork();
    if (child == 0) {
      // The child process uses the folder and is killed at its disk call number `calls`.
      int left = calls;
      DuplicateWindowOptions options = Options();
      options.disk_fault = [&left](DiskCall) {
        if (--left == 0) raise(SIGKILL);
        return 0;
      };
      Metrics metrics;
      DuplicateWindow seen(options, metrics);
      seen.BeginRestore(3);
      const int64_t from = seen.RestoreFrom(3, 0, partition.topic().end);
      for (const Topic::Row& row : partition.topic().rows) {
        if (row.offset >= from) seen.RestoreRow(3, row.offset, row.tenant, row.value);
      }
      seen.IsRestored(3);
      std::mt19937_64 random(seed);
      for (int i = 0; i < 100'000; ++i) {
        seen.Insert(3, kTenants[0], IdOf(random() | 1ull << 40), 1000 + random() % 40, Hour(40));
        if (i % 100 == 99) {
          seen.Flush([](int32_t, std::string_view, std::string_view) {});
          seen.Commit();
        }
      }
      _exit(1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "round " << round << " made fewer calls";
    partition.Start();
    partition.Transaction(stream_.Batch(300, round / 4), round / 4, true);
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(partition.Sum("seen_forgotten_total"), 0);
}

// The disk fails at random calls.
TEST_F(PartitionWindowTest, WithABadDiskForgottenIdsAreReportedAndNoNewIdIsTakenForSeen) {
  for (const int reason : {ENOSPC, EIO, EROFS}) {
    std::mt19937_64 faults(reason);
    bool broken = false;
    DuplicateWindowOptions options = Options();
    options.disk_fault = [&](DiskCall) { return broken && faults() % 8 == 0 ? reason : 0; };
    Metrics metrics;
    DuplicateWindow seen(options, metrics);
    seen.BeginRestore(3);
    std::set<std::pair<uint64_t, int32_t>> inserted;
    std::vector<ForgottenIds> losses;
    int64_t again = 0;
    for (int i = 0; i < 60'000; ++i) {
      broken = i > 10'000 && i < 50'000;
      const int32_t hour = i / 2000;
      const uint64_t number = faults() % 40'000;
      const int32_t created = 1000 + static_cast<int32_t>(number % 20);
      const bool is_new = seen.Insert(3, kTenants[0], IdOf(number), created, Hour(hour));
      const bool first = inserted.insert({number, created}).second;
      ASSERT_TRUE(is_new || !first) << "a new Id was taken for seen";
      again += is_new && !first;
      if (i % 100 == 99) {
        seen.Flush([](int32_t, std::string_view, std::string_view) {},
                   [&](const ForgottenIds& loss) { losses.push_back(loss); });
        seen.Commit();
      }
    }
    EXPECT_GT(again, 0);
    ASSERT_FALSE(losses.empty()) << "forgotten Ids were not reported";
    EXPECT_GT(metrics.Sum("picket_parser_seen_forgotten_total"), 0);
    EXPECT_GT(metrics.Sum("picket_parser_seen_disk_errors_total"), 0);
    EXPECT_LT(metrics.Sum("picket_parser_duplicate_window_seconds"), 48 * 3600);
    EXPECT_LE(metrics.Sum("picket_parser_seen_bytes"), 60'000);
    for (const ForgottenIds& loss : losses) EXPECT_LT(loss.from_hour, loss.to_hour);
  }
}

TEST_F(PartitionWindowTest, AnUnusableFolderCountsAsNoFolder) {
  DuplicateWindowOptions options = Options();
  ASSERT_TRUE(WriteFile(folder_.path() + "/file", "").ok());
  options.dir = folder_.path() + "/file/below";
  Metrics metrics;
  DuplicateWindow seen(options, metrics);
  seen.BeginRestore(3);
  EXPECT_EQ(seen.RestoreFrom(3, 0, 0), 0);
  EXPECT_TRUE(seen.IsRestored(3));
  for (int i = 0; i < 20'000; ++i) {
    EXPECT_TRUE(seen.Insert(3, kTenants[0], IdOf(i), 1000, Hour(i / 2000)));
    if (i % 100 == 99) seen.Commit();
  }
  EXPECT_TRUE(seen.is_shortened());
  EXPECT_LE(metrics.Sum("picket_parser_seen_bytes"), 60'000);
}

TEST_F(PartitionWindowTest, AFullDiskForgetsTheOldestIdsFirst) {
  // A limit on file sizes imitates a full disk: above the limit, writing fails.
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  signal(SIGXFSZ, SIG_IGN);
  Partition partition(Options(), 3);
  Fill(partition, 20);
  ASSERT_GT(partition.Sum("seen_disk_bytes"), 0);
  const rlimit small = {8192, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  for (int i = 0; i < 8000; ++i) {
    partition.Insert({kTenants[1], 3'000'000 + i, false, 1020}, 20);
    if (i % 100 == 99) partition.seen().Commit();
  }
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_TRUE(partition.seen().is_shortened());
  EXPECT_FALSE(partition.Insert({kTenants[1], 3'007'999, false, 1020}, 20));
  // The next start restores the Ids that Fill wrote to the topic.
  partition.seen().Abort();
  partition.Start();
  Fill(partition, 5, 20);
}

TEST_F(PartitionWindowTest, OverTheDiskBudgetTheOldestRunsAreForgotten) {
  DuplicateWindowOptions options = Options();
  options.disk_budget_bytes = 200'000;
  Metrics metrics;
  DuplicateWindow seen(options, metrics);
  seen.BeginRestore(3);
  std::vector<ForgottenIds> losses;
  for (int i = 0; i < 40'000; ++i) {
    ASSERT_TRUE(seen.Insert(3, kTenants[0], IdOf(i), 1000 + i / 1000, Hour(i / 1000)));
    if (i % 100 == 99) {
      seen.Flush([](int32_t, std::string_view, std::string_view) {},
                 [&](const ForgottenIds& loss) { losses.push_back(loss); });
      seen.Commit();
    }
  }
  EXPECT_LE(metrics.Sum("picket_parser_seen_disk_bytes"), 200'000);
  ASSERT_FALSE(losses.empty());
  EXPECT_EQ(losses[0].reason, "disk_budget");
  EXPECT_EQ(losses[0].from_hour, 500'000);
  EXPECT_FALSE(seen.Insert(3, kTenants[0], IdOf(39'000), 1039, Hour(39)));
  EXPECT_TRUE(seen.Insert(3, kTenants[0], IdOf(0), 1000, Hour(39)));
}

TEST(RunManifestTest, ParsingReturnsWhatWasFormattedAndRejectsAnyChangedByte) {
  RunManifest manifest{{1, 2}, {77, 99}, {{5, 10}, {6, 20}}, {kTenants[0], "a b\n\\"}};
  const std::string text = FormatRunManifest(manifest);
  const auto read = ParseRunManifest(text);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->seed, manifest.seed);
  EXPECT_EQ(read->mark.offset, 77);
  EXPECT_EQ(read->runs.size(), 2u);
  EXPECT_EQ(read->tenants, manifest.tenants);
  for (size_t at = 0; at < text.size(); ++at) {
    std::string damaged = text;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    EXPECT_FALSE(ParseRunManifest(damaged).ok()) << at;
    EXPECT_FALSE(ParseRunManifest(text.substr(0, at)).ok()) << at;
  }
}

}  // namespace
}  // namespace picket::parser
