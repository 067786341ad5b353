#include "parser/input/export_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/strings.h"
#include "tests/parser/input/archive_writer.h"

namespace picket::parser {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string Record(int i) {
  return absl::StrCat(R"({"CreationTime":"2026-03-02T08:07:13","Id":")", i,
                      R"(","Operation":"FileAccessed","Workload":"SharePoint"})");
}

// Everything that a test has read from a path.
struct Contents {
  std::vector<std::string> names;  // of the files with records
  std::vector<int> ids;            // of the records, in order
  std::vector<std::string> errors;
};

class ExportReaderTest : public testing::Test {
 protected:
  ExportReaderTest()
      : folder_(std::filesystem::path(testing::TempDir()) /
                absl::StrCat("export_reader_test.", getpid())) {
    std::filesystem::create_directories(folder_);
  }
  ~ExportReaderTest() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, std::string_view content) const {
    const std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    EXPECT_TRUE(WriteFile(path.string(), content).ok());
    return path.string();
  }

  static Contents Read(const std::string& path, const InputLimits& limits = {}) {
    Contents contents;
    ExportReader reader(path, limits);
    while (true) {
      const absl::StatusOr<std::unique_ptr<AuditFile>> file = reader.Next();
      if (!file.ok()) {
        contents.errors.emplace_back(file.status().message());
        if (contents.errors.size() > 1000) break;  // a reader that repeats an error never ends
        continue;
      }
      if (*file == nullptr) break;
      contents.names.push_back((*file)->name());
      AuditBlob blob;
      while (true) {
        const absl::StatusOr<bool> more = (*file)->Next(&blob);
        if (!more.ok()) contents.errors.emplace_back(more.status().message());
        if (!more.ok() || !*more) break;
        if (!blob.damage.empty()) contents.errors.push_back(blob.error);
        for (size_t at = 0; (at = blob.text.find("\"Id\":\"", at)) != std::string::npos; at += 6) {
          contents.ids.push_back(std::atoi(blob.text.c_str() + at + 6));
        }
      }
    }
    return contents;
  }

  const std::filesystem::path folder_;
};

TEST_F(ExportReaderTest, ReadsEachCompression) {
  const std::string lines = Record(1) + "\n" + Record(2) + "\n";
  for (const std::string filter : {"gzip", "xz", "zstd", "bzip2"}) {
    const Contents contents = Read(Write("export", Compress(filter, lines)));
    EXPECT_THAT(contents.ids, ElementsAre(1, 2)) << filter;
    EXPECT_THAT(contents.errors, IsEmpty()) << filter;
    // Streams that were joined are read as one.
    const Contents joined =
        Read(Write("export", Compress(filter, lines) + Compress(filter, Record(3) + "\n")));
    EXPECT_THAT(joined.ids, ElementsAre(1, 2, 3)) << filter;
    const Contents nested = Read(Write("export", Compress("gzip", Compress(filter, lines))));
    EXPECT_THAT(nested.ids, ElementsAre(1, 2)) << filter;
  }
}

TEST_F(ExportReaderTest, ACompressedFileThatIsCutOffReturnsItsBeginningAndAnError) {
  std::string lines;
  for (int i = 0; i < 60'000; ++i) absl::StrAppend(&lines, Record(i * 7919 % 1'000'003), "\n");
  for (const std::string filter : {"gzip", "xz", "zstd", "bzip2"}) {
    const std::string whole = Compress(filter, lines);
    const Contents cut = Read(Write("export", whole.substr(0, whole.size() * 9 / 10)));
    EXPECT_GT(cut.ids.size(), 1000u) << filter;
    ASSERT_FALSE(cut.errors.empty()) << filter;
    EXPECT_THAT(cut.errors.back(), HasSubstr("cut off")) << filter;
  }
}

TEST_F(ExportReaderTest, ReadsTheFilesOfEachArchive) {
  const std::vector<ArchiveEntry> entries = {
      {"a.json", "[" + Record(1) + "," + Record(2) + "]"},
      {"deep/folder/b.json.gz", Compress("gzip", Record(3) + "\n")},
      {"__MACOSX/._a.json", "not a record"},
      {".hidden", "not a record"},
      {"c.csv",
       "CreationDate,AuditData\n2026,\"{\"\"Id\"\":\"\"4\"\",\"\"Operation\"\":\"\"x\"\"}\"\n"}};
  for (const std::string format : {"zip", "7zip", "ustar"}) {
    const std::string archive = MakeArchive(format, entries);
    const std::string path = Write("export.bin", archive);
    const Contents contents = Read(path);
    EXPECT_THAT(contents.ids, ElementsAre(1, 2, 3, 4)) << format;
    EXPECT_THAT(contents.errors, IsEmpty()) << format;
    EXPECT_THAT(contents.names,
                ElementsAre(path + "/a.json", path + "/deep/folder/b.json.gz", path + "/c.csv"))
        << format;
    // The table of contents of a nested archive is at its end, too.
    const Contents nested = Read(Write(
        "outer.bin",
        Compress("gzip", MakeArchive("zip", {{"in/" + format, archive}, {"z.json", Record(9)}}))));
    EXPECT_THAT(nested.ids, ElementsAre(1, 2, 3, 4, 9)) << format;
    EXPECT_THAT(nested.errors, IsEmpty()) << format;
  }
}

TEST_F(ExportReaderTest, ReadsAFolderRecursivelyInTheOrderOfNames) {
  Write("b.json", Record(3));
  Write("a/2.zip", MakeArchive("zip", {{"x.json", Record(2)}}));
  Write("a/1.json", Record(1));
  Write("c/d/e.json.xz", Compress("xz", Record(4)));
  Write(".DS_Store", "x");
  Write("a/.git/config", "x");
  const Contents contents = Read(folder_.string());
  EXPECT_THAT(contents.ids, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(contents.errors, IsEmpty());
}

TEST_F(ExportReaderTest, AFileThatIsNoExportDoesNotKeepTheOthersFromBeingRead) {
  Write("a.json", Record(1));
  Write("b.pdf", "%PDF-1.7 ...");
  Write("c.txt", "notes\n");
  Write("d.json", Record(2));
  const Contents contents = Read(folder_.string());
  EXPECT_THAT(contents.ids, ElementsAre(1, 2));
  ASSERT_EQ(contents.errors.size(), 2u);
  EXPECT_THAT(contents.errors[0], HasSubstr("b.pdf is a PDF document"));
  EXPECT_THAT(contents.errors[1], HasSubstr("c.txt"));
  const Contents archive =
      Read(Write("x.zip", MakeArchive("zip", {{"a.txt", "notes"}, {"b.json", Record(3)}})));
  EXPECT_THAT(archive.ids, ElementsAre(3));
  EXPECT_THAT(archive.errors, ElementsAre(HasSubstr("x.zip/a.txt")));
}

TEST_F(ExportReaderTest, NoLinkIsFollowed) {
  const std::string secret = Write("secret", Record(7));
  std::filesystem::create_directories(folder_ / "in");
  std::filesystem::create_symlink(secret, folder_ / "in/link.json");
  std::filesystem::create_directory_symlink(folder_, folder_ / "in/loop");
  Write("in/a.json", Record(1));
  EXPECT_THAT(Read((folder_ / "in").string()).ids, ElementsAre(1));
  // A link that the user names is followed.
  EXPECT_THAT(Read((folder_ / "in/link.json").string()).ids, ElementsAre(7));

  const std::string tar =
      MakeArchive("ustar", {{"a.json", Record(1)},
                            {.path = "link.json", .content = "", .symlink = secret},
                            {.path = "hard.json", .content = "", .symlink = "", .hardlink = secret},
                            {"../../../" + secret, Record(2)}});
  const Contents contents = Read(Write("links.tar", tar));
  EXPECT_THAT(contents.ids, ElementsAre(1, 2));
  EXPECT_EQ(ReadFile(secret).value_or(""), Record(7));
}

TEST_F(ExportReaderTest, ArchivesEndAtTheirLimits) {
  std::vector<ArchiveEntry> many;
  for (int i = 0; i < 50; ++i) many.push_back({absl::StrCat(i, ".json"), Record(i)});
  const std::string path = Write("many.zip", MakeArchive("zip", many));
  EXPECT_EQ(Read(path).ids.size(), 50u);
  const Contents members = Read(path, {.members = 10});
  EXPECT_EQ(members.ids.size(), 10u);
  EXPECT_THAT(members.errors, ElementsAre(HasSubstr("more than 10 files")));

  std::string nested = Record(1);
  for (int i = 0; i < 8; ++i) nested = MakeArchive("zip", {{"x", nested}});
  const Contents depth = Read(Write("nested.zip", nested));
  EXPECT_THAT(depth.ids, IsEmpty());
  EXPECT_THAT(depth.errors, ElementsAre(HasSubstr("more than 5 archives")));
  std::string streams = Record(1);
  for (int i = 0; i < 8; ++i) streams = Compress("bzip2", Compress("gzip", streams));
  EXPECT_THAT(Read(Write("nested.bz2", streams)).errors, ElementsAre(HasSubstr("more than 5")));

  const std::string bomb = "[" + std::string(64 << 20, ' ') + "]";
  const InputLimits small = {.ratio = 500, .ratio_from = 8 << 20};
  for (const std::string filter : {"xz", "zstd", "bzip2"}) {
    const Contents ratio = Read(Write("bomb", Compress(filter, bomb)), small);
    ASSERT_FALSE(ratio.errors.empty()) << filter;
    EXPECT_THAT(ratio.errors[0], HasSubstr("500 times its size")) << filter;
  }
  for (const std::string format : {"zip", "7zip"}) {
    const Contents ratio =
        Read(Write("bomb", MakeArchive(format, {{"a", bomb}, {"b", bomb}})), small);
    ASSERT_EQ(ratio.errors.size(), 1u) << format;
    EXPECT_THAT(ratio.errors[0], HasSubstr("500 times its size")) << format;
  }
  const Contents bytes = Read(Write("large.gz", Compress("gzip", bomb)), {.bytes = 1 << 20});
  EXPECT_THAT(bytes.errors, ElementsAre(HasSubstr("expands to more than 1048576 bytes")));
}

TEST_F(ExportReaderTest, AnEmptyOrDamagedArchiveIsAnError) {
  for (const std::string format : {"zip", "7zip"}) {
    EXPECT_THAT(Read(Write("empty", MakeArchive(format, {}))).errors.size(), 1u) << format;
    const std::string whole = MakeArchive(format, {{"a", Record(1)}, {"b", Record(2)}});
    for (size_t size = 40; size < whole.size(); size += 7) {
      const Contents cut = Read(Write("cut", whole.substr(0, size)));
      // Only the table of contents may be missing.
      EXPECT_TRUE(!cut.errors.empty() || cut.ids.size() == 2) << format << " cut to " << size;
    }
  }
  EXPECT_THAT(Read(Write("empty-folder/.x", "")).errors, IsEmpty());
  EXPECT_THAT(Read((folder_ / "empty-folder").string()).errors,
              ElementsAre(HasSubstr("the folder has no files")));
  EXPECT_THAT(Read("/nowhere").errors, ElementsAre(HasSubstr("cannot read /nowhere")));
}

TEST_F(ExportReaderTest, OfficeDocumentsAreNamed) {
  const Contents contents = Read(Write(
      "book.xlsx", MakeArchive("zip", {{"[Content_Types].xml", "<x/>"}, {"xl/a.xml", "<x/>"}})));
  EXPECT_THAT(contents.errors, ElementsAre(HasSubstr("is an Office document")));
}

TEST_F(ExportReaderTest, ReadsUtf16WithAndWithoutAByteOrderMark) {
  const std::string text =
      "[" + Record(1) +
      ",\r\n{\"Id\":\"2\",\"Operation\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"}]";
  for (const bool big_endian : {false, true}) {
    for (const std::string mark : {"", "\xef\xbb\xbf"}) {
      const std::string path = Write("utf16", Utf16(mark + text, big_endian));
      AuditBlob blob;
      const auto file = AuditFile::Open(path);
      ASSERT_TRUE(file.ok()) << file.status();
      ASSERT_TRUE((*file)->Next(&blob).value_or(false));
      EXPECT_THAT(blob.text, HasSubstr("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
      EXPECT_THAT(Read(path).ids, ElementsAre(1, 2));
    }
  }
  const std::string csv = "\"CreationDate\",\"AuditData\"\r\n\"x\",\"{\"\"Id\"\":\"\"5\"\"}\"\r\n";
  EXPECT_THAT(Read(Write("utf16", Utf16(csv, false))).ids, ElementsAre(5));
  EXPECT_THAT(Read(Write("utf16.gz", Compress("gzip", Utf16(csv, true)))).ids, ElementsAre(5));
  // A lone surrogate costs one character, and an odd byte at the end costs nothing else.
  std::string broken = Utf16(Record(1) + "\n" + Record(2) + "\n", false);
  broken.replace(broken.find('F'), 2, "\x00\xd8", 2);
  EXPECT_THAT(Read(Write("utf16", broken + "x")).ids, ElementsAre(1, 2));
}

}  // namespace
}  // namespace picket::parser
