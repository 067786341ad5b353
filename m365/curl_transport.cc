#include "m365/curl_transport.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <iterator>
#include <mutex>
#include <thread>

#include "common/check.h"
#include "common/clock.h"
#include "common/descriptors.h"
#include "common/error.h"
#include "common/log.h"
#include "common/mutex.h"
#include "common/strings.h"
#include "common/version.h"
#include "m365/parallel_limit.h"

namespace picket::m365 {
namespace {

constexpr size_t kLongestErrorBody = 64 << 10;
constexpr size_t kLongestHeaders = 256 << 10;
// If a request fails because the process has no free file descriptor, the transport waits this long
// before it sends the request again.
constexpr absl::Duration kDescriptorWait = absl::Milliseconds(200);
// libcurl reads the file of certificate authorities again after this time. A change of the file
// therefore comes into force without a restart.
[[maybe_unused]] constexpr long kCaCacheSeconds = 60;

void InitCurlOnce() {
  static std::once_flag once;
  std::call_once(once, [] { PICKET_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
}

// Returns the hosts for which the proxy from the environment is not used.
const std::string& NoProxy() {
  static const std::string hosts = [] {
    const char* listed = std::getenv("no_proxy");
    if (listed == nullptr) listed = std::getenv("NO_PROXY");
    return absl::StrCat(listed == nullptr ? "" : listed, ",localhost,127.0.0.1,::1");
  }();
  return hosts;
}

absl::Status CurlError(CURLcode code, const char* detail, const HttpRequest& request) {
  // The message contains only the scheme and the host, because a query may contain data that must
  // not be logged.
  const std::string_view url = request.url;
  const size_t slash = url.find('/', url.find("//") + 2);
  std::string text = absl::StrCat(ToAbsl(url.substr(0, slash)), ": ",
                                  *detail != '\0' ? detail : curl_easy_strerror(code));
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return absl::DeadlineExceededError(text);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      absl::StrAppend(&text,
                      "; if a proxy inspects TLS here, set fetcher.ca_file to its certificate "
                      "authority");
      return absl::UnavailableError(text);
    default:
      return absl::UnavailableError(text);
  }
}

}  // namespace

// A request that is under way.
struct Transfer {
  HttpRequest request;
  std::function<void(HttpResponse)> done;
  HttpResponse response;
  absl::Status aborted;  // the sink's error or the exceeded limit that ended the transfer
  size_t header_bytes = 0;
  int socket_error = 0;  // the errno of a socket that could not be opened
  // The time after which the request is not sent again if the process has no free file descriptor.
  absl::Duration give_up_at = -absl::InfiniteDuration();
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  char detail[CURL_ERROR_SIZE] = {};

  ~Transfer() { FreeHeaders(); }

  void FreeHeaders() {
    for (curl_slist* header = headers; header != nullptr; header = header->next) {
      // Erases the header, which may contain the token.
      std::memset(header->data, 0, std::strlen(header->data));
    }
    curl_slist_free_all(headers);
    headers = nullptr;
  }

  // Prepares the transfer for another attempt. Must not be called after bytes of a response have
  // been received.
  void Reset() {
    FreeHeaders();
    response = HttpResponse();
    header_bytes = 0;
    socket_error = 0;
    detail[0] = '\0';
    easy = nullptr;
  }

  static curl_socket_t OnOpenSocket(void* self, curlsocktype, curl_sockaddr* address) {
    const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd < 0) static_cast<Transfer*>(self)->socket_error = errno;
    return fd < 0 ? CURL_SOCKET_BAD : fd;
  }

  static size_t OnBody(char* bytes, size_t, size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    const std::string_view piece(bytes, count);
    long status = 0;
    curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    if (status == 200 && transfer.request.sink != nullptr) {
      transfer.aborted = transfer.request.sink->Append(piece);
      return transfer.aborted.ok() ? count : 0;
    }
    std::string& body = transfer.response.body;
    if (status != 200) {  // the body is an error message, so its beginning is enough
      body.append(piece.substr(0, kLongestErrorBody - std::min(body.size(), kLongestErrorBody)));
      return count;
    }
    if (body.size() + count > transfer.request.longest_body) {
      transfer.aborted = absl::UnavailableError(absl::StrCat(
          "the response is longer than ", transfer.request.longest_body >> 20, " MiB"));
      return 0;
    }
    body.append(piece);
    return count;
  }

  static size_t OnHeader(char* bytes, size_t, size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    const std::string_view line(bytes, count);
    // After a response with status 100, a second status line begins the headers of the final
    // response.
    if (line.starts_with("HTTP/")) transfer.response.headers.clear();
    transfer.header_bytes += count;
    if (transfer.header_bytes > kLongestHeaders) {
      transfer.aborted = absl::UnavailableError("the response headers are too long");
      return 0;
    }
    const size_t colon = line.find(':');
    if (colon != std::string_view::npos) {
      transfer.response.headers.emplace_back(LowerAscii(TrimBlanks(line.substr(0, colon))),
                                             std::string(TrimBlanks(line.substr(colon + 1))));
    }
    return count;
  }
};

struct CurlTransport::Impl {
  explicit Impl(CurlOptions given) : options(std::move(given)), limit(options.parallel_requests) {
    InitCurlOnce();
    multi = curl_multi_init();
    PICKET_CHECK(multi != nullptr);
    UseLimit();
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    thread = std::jthread([this](std::stop_token stop) { Run(stop); });
  }

  ~Impl() {
    thread.request_stop();
    curl_multi_wakeup(multi);
    thread.join();
    for (CURL* easy : idle) curl_easy_cleanup(easy);
    curl_multi_cleanup(multi);
  }

  void UseLimit() {
    curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, static_cast<long>(limit.limit()));
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(limit.limit()));
  }

  void Run(std::stop_token stop) {
    while (!stop.stop_requested()) {
      if (limit.Raise(clock.SinceStart())) UseLimit();
      StartQueued();
      int running = 0;
      curl_multi_perform(multi, &running);
      const bool has_finished = FinishDone();
      // A transfer has finished, so another one can start without waiting.
      if (has_finished && !waiting.empty()) continue;
      const absl::Duration wait = waiting.empty() ? absl::Seconds(1) : kDescriptorWait;
      curl_multi_poll(multi, nullptr, 0, static_cast<int>(absl::ToInt64Milliseconds(wait)),
                      nullptr);
    }
    // Every request must be answered (HttpTransport), so the unfinished requests are cancelled.
    while (!active.empty()) {
      curl_multi_remove_handle(multi, active.back()->easy);
      Cancel(*active.back());
      idle.push_back(active.back()->easy);
      active.pop_back();
    }
    for (const std::unique_ptr<Transfer>& transfer : waiting) Cancel(*transfer);
    waiting.clear();
    MutexLock lock(mu);
    for (const std::unique_ptr<Transfer>& transfer : queued) Cancel(*transfer);
    queued.clear();
  }

  static void Cancel(Transfer& transfer) {
    transfer.response.error = absl::CancelledError("the fetcher is stopping");
    transfer.done(std::move(transfer.response));
  }

  // Passes the queued requests to libcurl. While the limit is lowered, the requests beyond the
  // limit stay in `waiting`. If these requests waited in libcurl, their time-outs would already
  // run.
  void StartQueued() {
    {
      MutexLock lock(mu);
      std::move(queued.begin(), queued.end(), std::back_inserter(waiting));
      queued.clear();
    }
    const absl::Duration now = clock.SinceStart();
    while (!waiting.empty() && now >= not_before &&
           (!limit.is_lowered() || active.size() < static_cast<size_t>(limit.limit()))) {
      std::unique_ptr<Transfer> transfer = std::move(waiting.front());
      waiting.pop_front();
      if (transfer->give_up_at == -absl::InfiniteDuration()) {
        transfer->give_up_at = now + transfer->request.timeout;
      }
      transfer->easy = NewHandle();
      Configure(*transfer);
      curl_multi_add_handle(multi, transfer->easy);
      active.push_back(std::move(transfer));
    }
  }

  CURL* NewHandle() {
    if (idle.empty()) {
      CURL* const easy = curl_easy_init();
      PICKET_CHECK(easy != nullptr);
      return easy;
    }
    CURL* const easy = idle.back();
    idle.pop_back();
    curl_easy_reset(easy);  // does not close the connections
    return easy;
  }

  void Configure(Transfer& transfer) {
    CURL* const easy = transfer.easy;
    const HttpRequest& request = transfer.request;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
    curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR,
                     request.url.starts_with("https://") ? "https" : "http");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (!options.ca_file.empty()) {
      curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
    }
#if LIBCURL_VERSION_NUM >= 0x075700
    curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, kCaCacheSeconds);
#endif
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &Transfer::OnOpenSocket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, NoProxy().c_str());
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, UserAgent().c_str());
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.detail);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(absl::ToInt64Milliseconds(options.connect_timeout)));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                     static_cast<long>(absl::ToInt64Milliseconds(request.timeout)));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
                     static_cast<long>(absl::ToInt64Seconds(options.stall_timeout)));
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::OnBody);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::OnHeader);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);

    if (request.method == HttpRequest::Method::kPost) {
      curl_easy_setopt(easy, CURLOPT_POST, 1L);
      curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE,
                       static_cast<long>(request.form.Reveal().size()));
      curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.form.Reveal().data());
      transfer.headers = curl_slist_append(transfer.headers, "Expect:");
    }
    transfer.headers = curl_slist_append(transfer.headers, "Accept: application/json");
    if (!request.bearer.empty()) {
      transfer.headers = curl_slist_append(
          transfer.headers,
          absl::StrCat("Authorization: Bearer ", ToAbsl(request.bearer.Reveal())).c_str());
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers);
  }

  static const std::string& UserAgent() {
    static const std::string agent = absl::StrCat("picket/", kVersion);
    return agent;
  }

  // Returns true if the transfer failed because the process has no free file descriptor. libcurl
  // reports this in different ways: a socket cannot be opened, a name cannot be resolved, or the
  // certificate authorities cannot be read.
  static bool LacksDescriptor(const Transfer& transfer, CURLcode code) {
    if (code == CURLE_OK) return false;
    if (transfer.socket_error == EMFILE || transfer.socket_error == ENFILE) return true;
    switch (code) {
      case CURLE_COULDNT_CONNECT:
      case CURLE_COULDNT_RESOLVE_HOST:
      case CURLE_COULDNT_RESOLVE_PROXY:
      case CURLE_SSL_CACERT_BADFILE:
      case CURLE_SSL_CONNECT_ERROR:
      case CURLE_FAILED_INIT:
      case CURLE_OUT_OF_MEMORY:
      case CURLE_WRITE_ERROR:  // the sink could not open its temporary file
        return IsAtDescriptorLimit();
      default:
        return false;
    }
  }

  // Lowers the number of parallel requests, because the process has no free file descriptor.
  void OnDescriptorLimit(absl::Duration now) {
    not_before = now + kDescriptorWait;
    if (!limit.Lower(static_cast<int>(active.size()), now)) return;
    UseLimit();
    LogWarning("descriptor_limit_reached", {{"parallel_requests", limit.limit()},
                                            {"configured", options.parallel_requests},
                                            {"error", ErrnoText(EMFILE)}});
  }

  // Passes on the results of finished transfers. Returns true if any transfer has finished.
  bool FinishDone() {
    bool has_finished = false;
    int left = 0;
    while (CURLMsg* const message = curl_multi_info_read(multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;
      CURL* const easy = message->easy_handle;
      Transfer* transfer = nullptr;
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
      HttpResponse& response = transfer->response;
      long status = 0;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      response.status = static_cast<int>(status);
      curl_off_t wire_bytes = 0;
      curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &wire_bytes);
      response.wire_bytes = static_cast<uint64_t>(wire_bytes);
      if (!transfer->aborted.ok()) {
        response.error = transfer->aborted;
      } else if (code != CURLE_OK) {
        response.error = CurlError(code, transfer->detail, transfer->request);
      }
      curl_multi_remove_handle(multi, easy);
      idle.push_back(easy);
      const auto place =
          std::find_if(active.begin(), active.end(),
                       [transfer](const auto& candidate) { return candidate.get() == transfer; });
      std::unique_ptr<Transfer> finished = std::move(*place);
      *place = std::move(active.back());
      active.pop_back();
      has_finished = true;
      if (LacksDescriptor(*finished, code)) {
        const absl::Duration now = clock.SinceStart();
        OnDescriptorLimit(now);
        // The request was not sent, and the reason is not on the server. Therefore, the request is
        // sent again.
        if (finished->aborted.ok() && response.status == 0 && now < finished->give_up_at) {
          finished->Reset();
          waiting.push_front(std::move(finished));
          continue;
        }
        if (finished->aborted.ok()) {
          response.error = absl::ResourceExhaustedError(
              absl::StrCat(response.error.message(), ": ", ErrnoText(EMFILE)));
        }
      }
      finished->done(std::move(response));
    }
    return has_finished;
  }

  const CurlOptions options;
  CURLM* multi = nullptr;
  // Only `thread` uses the members from `active` to `not_before`.
  std::vector<std::unique_ptr<Transfer>> active;
  std::vector<CURL*> idle;
  std::deque<std::unique_ptr<Transfer>> waiting;
  ParallelLimit limit;
  absl::Duration not_before = -absl::InfiniteDuration();  // no request is sent before this time
  SystemClock clock;
  Mutex mu;
  std::deque<std::unique_ptr<Transfer>> queued ABSL_GUARDED_BY(mu);
  std::jthread thread;  // declared last, because the thread uses the members above
};

CurlTransport::CurlTransport(CurlOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

CurlTransport::~CurlTransport() = default;

void CurlTransport::Send(HttpRequest request, std::function<void(HttpResponse)> done) {
  auto transfer = std::make_unique<Transfer>();
  transfer->request = std::move(request);
  transfer->done = std::move(done);
  {
    MutexLock lock(impl_->mu);
    impl_->queued.push_back(std::move(transfer));
  }
  curl_multi_wakeup(impl_->multi);
}

}  // namespace picket::m365
