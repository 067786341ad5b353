#include "simulator/http_server.h"

#include <httplib.h>
#include <sys/socket.h>

#include <condition_variable>
#include <deque>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/mutex.h"

namespace picket::simulator {
namespace {

constexpr int kConnectionLimit = 512;
constexpr int kBacklog = 4096;
constexpr time_t kIdleSeconds = 2;

// A thread pool that grows when no thread is idle. cpp-httplib uses one thread per open connection,
// and its own pool has only eight threads.
// Threads: any. Lifetime: the pool belongs to the server, which calls shutdown().
class ConnectionThreads final : public httplib::TaskQueue {
 public:
  // The result type of enqueue. It is void in cpp-httplib 0.11 (Debian 12). In 0.18 (Debian 13), it
  // is a boolean that is true if the job was accepted.
  using Accepted = decltype(std::declval<httplib::TaskQueue&>().enqueue(nullptr));
  Accepted enqueue(std::function<void()> job) override {
    {
      MutexLock lock(mu_);
      jobs_.push_back(std::move(job));
      if (jobs_.size() > idle_ && threads_.size() < kConnectionLimit) {
        threads_.emplace_back([this] { Work(); });
      }
    }
    changed_.notify_one();
    return static_cast<Accepted>(true);
  }

  void shutdown() override {
    std::vector<std::thread> threads;
    {
      MutexLock lock(mu_);
      stopped_ = true;
      threads.swap(threads_);
    }
    changed_.notify_all();
    for (std::thread& thread : threads) thread.join();
  }

 private:
  void Work() {
    while (true) {
      std::function<void()> job;
      {
        MutexLock lock(mu_);
        ++idle_;
        changed_.wait(
            mu_, [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return stopped_ || !jobs_.empty(); });
        --idle_;
        if (jobs_.empty()) return;
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
      job();
    }
  }

  Mutex mu_;
  std::condition_variable_any changed_;
  std::deque<std::function<void()>> jobs_ ABSL_GUARDED_BY(mu_);
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mu_);
  size_t idle_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace

struct HttpServer::Impl {
  std::unique_ptr<ServerIdentity> identity;
  std::unique_ptr<httplib::Server> server;
  std::string origin;
  absl::Duration delay;
  HttpHandler handler;
  int port = 0;
  std::thread thread;

  Mutex mu;
  std::condition_variable_any stop_changed;
  bool stopping ABSL_GUARDED_BY(mu) = false;

  // Waits for the duration. Returns false if the server stops in the meantime.
  bool Pause(absl::Duration duration) {
    MutexLock lock(mu);
    return !stop_changed.wait_for(mu, absl::ToChronoNanoseconds(duration),
                                  [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return stopping; });
  }

  void Serve(const httplib::Request& in, httplib::Response& out) {
    HttpRequest request;
    request.method = in.method;
    request.target = in.target;
    const std::string host = in.get_header_value("Host");
    request.origin =
        host.empty() ? origin : absl::StrCat(identity == nullptr ? "http://" : "https://", host);
    request.authorization = in.get_header_value("Authorization");
    request.body = in.body;
    if (delay > absl::ZeroDuration()) Pause(delay);

    HttpResponse response = handler(request);
    out.status = response.status;
    for (const auto& [name, value] : response.headers) out.set_header(name, value);
    if (response.body == nullptr || response.body->empty()) {
      out.set_header("Content-Type", response.content_type);
      return;
    }
    if (response.fault == BodyFault::kNone) {
      out.set_content_provider(
          response.body->size(), response.content_type,
          [body = response.body](size_t offset, size_t length, httplib::DataSink& sink) {
            sink.write(body->data() + offset, length);
            return true;
          });
      return;
    }
    const size_t half = response.body->size() / 2;
    const absl::Duration stall =
        response.fault == BodyFault::kStalled ? response.stall : absl::ZeroDuration();
    out.set_content_provider(
        response.body->size(), response.content_type,
        [this, body = response.body, half, stall](size_t offset, size_t, httplib::DataSink& sink) {
          if (offset == 0 && half > 0) {
            sink.write(body->data(), half);
            return true;
          }
          Pause(stall);
          return false;  // makes the library close the connection
        });
  }
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() {
  {
    MutexLock lock(impl_->mu);
    impl_->stopping = true;
  }
  impl_->stop_changed.notify_all();
  impl_->server->stop();
  if (impl_->thread.joinable()) impl_->thread.join();
}

int HttpServer::port() const { return impl_->port; }

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(
    const std::string& host, int port, std::unique_ptr<ServerIdentity> identity,
    absl::Duration delay, HttpHandler handler) {
  auto impl = std::make_unique<Impl>();
  impl->delay = delay;
  impl->handler = std::move(handler);
  if (identity == nullptr) {
    impl->server = std::make_unique<httplib::Server>();
  } else {
    impl->server =
        std::make_unique<httplib::SSLServer>(identity->certificate.get(), identity->key.get());
    if (!impl->server->is_valid()) {
      return absl::InternalError("the HTTPS server does not accept its certificate");
    }
  }
  impl->identity = std::move(identity);

  httplib::Server& server = *impl->server;
  int descriptor = -1;
  server.new_task_queue = [] { return new ConnectionThreads; };
  server.set_keep_alive_max_count(1'000'000);
  server.set_keep_alive_timeout(kIdleSeconds);
  server.set_tcp_nodelay(true);
  // By default, the library sets SO_REUSEPORT, with which another process could listen on the same
  // port. Therefore, this function replaces the default and sets only SO_REUSEADDR.
  server.set_socket_options([&descriptor](int socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    descriptor = socket;
  });
  Impl* const self = impl.get();
  const auto serve = [self](const httplib::Request& in, httplib::Response& out) {
    self->Serve(in, out);
  };
  server.Get(".*", serve);
  server.Post(".*", serve);
  impl->port = port == 0                         ? server.bind_to_any_port(host)
               : server.bind_to_port(host, port) ? port
                                                 : -1;
  if (impl->port <= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot listen on ", host, ":", port,
                     ": the address is in use or does not belong to this machine"));
  }
  // The library already listens, but lets only five connections wait to be accepted. If a hundred
  // clients connected at once, some would fail. This call raises the limit.
  ::listen(descriptor, kBacklog);
  impl->origin =
      absl::StrCat(impl->identity == nullptr ? "http://" : "https://", host, ":", impl->port);
  impl->thread = std::thread([&server] { server.listen_after_bind(); });
  // The destructor calls stop(), which would have no effect before the server runs.
  while (!server.is_running()) std::this_thread::yield();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

}  // namespace picket::simulator
