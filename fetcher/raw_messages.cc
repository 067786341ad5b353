#include "fetcher/raw_messages.h"

#include <string>
#include <vector>

#include "common/status_macros.h"
#include "common/strings.h"
#include "fetcher/content/chunker.h"
#include "kafka/dead_letter.h"
#include "m365/api_time.h"
#include "model/message_headers.h"

namespace picket::fetcher {

namespace {

// The headers of the messages of one content blob. `list` contains views of the other members.
struct ContentHeaders {
  ContentHeaders(const LedgerRow& row, absl::Time fetched_at)
      : created(m365::FormatApiTime(row.created)),
        expiration(m365::FormatApiTime(row.expiration)),
        fetched(m365::FormatApiTime(fetched_at)),
        list{{headers::kContentId, row.id},       {headers::kAuditContentType, row.content_type},
             {headers::kContentCreated, created}, {headers::kContentExpiration, expiration},
             {headers::kFetchedAt, fetched},      {headers::kSchema, "1"}} {
    if (row.late) list.push_back({headers::kLate, "true"});
    if (row.backfill) list.push_back({headers::kBackfill, "true"});
  }
  ContentHeaders(const ContentHeaders&) = delete;
  ContentHeaders& operator=(const ContentHeaders&) = delete;

  const std::string created;
  const std::string expiration;
  const std::string fetched;
  std::vector<kafka::Header> list;
};

// Adds the dead letters of one content blob. The content was not read from a topic and has no
// offset. Instead of an offset, the key of a dead letter contains the content id.
class ContentDeadLetters {
 public:
  ContentDeadLetters(const LedgerRow& row, const ContentHeaders& content, std::string_view source,
                     int32_t partition, kafka::OutputBatch& out)
      : key_(absl::StrCat(row.tenant, "|", row.id)),
        topic_(absl::StrCat(ToAbsl(source), ":", row.id)),
        out_(out) {
    origin_.topic = topic_;
    origin_.partition = partition;
    origin_.offset = -1;
    origin_.key = key_;
    origin_.headers = content.list;
  }
  void Add(int index, std::string_view bytes, std::string_view reason, const std::string& error) {
    kafka::AddDeadLetter(origin_, index, bytes, {"fetcher", reason, error, 1}, out_);
  }

 private:
  const std::string key_;
  const std::string topic_;
  kafka::Message origin_;
  kafka::OutputBatch& out_;
};

}  // namespace

absl::Status AddRawMessages(const LedgerRow& row, absl::Time fetched_at, BlobBody& body,
                            std::string_view source, int32_t partition, kafka::OutputBatch& out,
                            absl::FunctionRef<void(std::string_view reason)> on_dead_letter) {
  ASSIGN_OR_RETURN(const std::string_view text, body.View());

  ContentHeaders content(row, fetched_at);
  std::vector<kafka::Header>& headers = content.list;
  size_t messages = 1;
  size_t message = 0;
  const auto add = [&](std::string_view bytes, bool borrow) {
    const std::string chunk = absl::StrCat(++message, "/", messages);
    headers.push_back({headers::kChunk, chunk});
    if (borrow) {
      out.AddBorrowed(kafka::Topic::kRaw, partition, row.tenant, bytes, headers);
    } else {
      out.Add(kafka::Topic::kRaw, partition, row.tenant, bytes, headers);
    }
    headers.pop_back();
  };
  if (text.size() <= kChunkTarget) {
    add(text, true);
    return absl::OkStatus();
  }

  const ChunkPlan plan = PlanChunks(text);
  const bool rest_fits = plan.rest.size() <= kLongestRecord;
  messages = plan.runs.size() + (!plan.complete && rest_fits ? 1 : 0);
  if (body.spilled()) {
    ASSIGN_OR_RETURN(SpillFile* const file, body.MakeMessageFile());
    for (const std::string_view run : plan.runs) {
      RETURN_IF_ERROR(file->Append("["));
      RETURN_IF_ERROR(file->Append(run));
      RETURN_IF_ERROR(file->Append("]"));
    }
    ASSIGN_OR_RETURN(std::string_view all, file->View());
    for (const std::string_view run : plan.runs) {
      add(all.substr(0, run.size() + 2), true);
      all.remove_prefix(run.size() + 2);
    }
  } else {
    std::string value;
    for (const std::string_view run : plan.runs) {
      value.assign("[").append(run).append("]");
      add(value, false);
    }
  }
  // The remainder could not be split into records. The parser decides how to handle it.
  if (!plan.complete && rest_fits) add(plan.rest, true);

  ContentDeadLetters dead(row, content, source, partition, out);
  const auto add_dead_letter = [&](int index, std::string_view bytes, std::string_view reason,
                                   const std::string& error) {
    dead.Add(index, bytes, reason, error);
    on_dead_letter(reason);
  };
  int index = 0;
  for (const std::string_view record : plan.oversized) {
    add_dead_letter(
        index++, record, "oversized",
        absl::StrCat("a record of ", record.size(), " bytes is longer than ", kLongestRecord));
  }
  if (!plan.complete && !rest_fits) {
    add_dead_letter(index, plan.rest, "not_json",
                    absl::StrCat("the last ", plan.rest.size(), " bytes of content ", row.id,
                                 " cannot be split into records"));
  }
  return absl::OkStatus();
}

absl::Status AddLostBody(const LedgerRow& row, absl::Time fetched_at, BlobBody& body,
                         std::string_view source, int32_t partition, kafka::OutputBatch& out,
                         absl::FunctionRef<void(std::string_view reason)> on_dead_letter) {
  ASSIGN_OR_RETURN(const std::string_view text, body.View());
  const std::string_view kept = text.substr(0, kLongestLostBody);
  std::string error =
      absl::StrCat("the API sent this instead of content ", row.id, ": ", row.reason);
  if (kept.size() < text.size()) {
    absl::StrAppend(&error, "; only the first ", kept.size(), " of ", text.size(),
                    " bytes are kept");
  }
  const ContentHeaders content(row, fetched_at);
  ContentDeadLetters(row, content, source, partition, out).Add(-1, kept, "not_content", error);
  on_dead_letter("not_content");
  return absl::OkStatus();
}

}  // namespace picket::fetcher
