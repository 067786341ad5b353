#include "tests/stay_up/dropping_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "common/check.h"

namespace picket {
namespace {

// Reading from one end stops while this many bytes wait for the other end.
constexpr size_t kMaxPending = 1 << 20;

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

void SetNoDelay(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

// Closes a socket so that the peer receives a reset.
void Reset(int socket) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  close(socket);
}

}  // namespace

DroppingProxy::DroppingProxy(const std::vector<int>& target_ports) {
  PICKET_CHECK(pipe2(wake_, O_CLOEXEC | O_NONBLOCK) == 0);
  for (const int target_port : target_ports) {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    PICKET_CHECK(listener >= 0);
    sockaddr_in address = Loopback(0);
    socklen_t length = sizeof(address);
    PICKET_CHECK(bind(listener, reinterpret_cast<sockaddr*>(&address), length) == 0);
    PICKET_CHECK(listen(listener, 512) == 0);
    PICKET_CHECK(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) == 0);
    listeners_.push_back({listener, ntohs(address.sin_port), target_port});
  }
  thread_ = std::thread([this] { Run(); });
}

DroppingProxy::~DroppingProxy() {
  must_stop_ = true;
  Wake();
  thread_.join();
  for (const Connection& connection : connections_) {
    for (const int end : connection.sockets) close(end);
  }
  for (const Listener& listener : listeners_) close(listener.socket);
  close(wake_[0]);
  close(wake_[1]);
}

void DroppingProxy::SetCut(bool is_cut) {
  is_cut_ = is_cut;
  Wake();
}

void DroppingProxy::HealWithReset() {
  must_reset_ = true;
  SetCut(false);
}

void DroppingProxy::Wake() {
  // A full pipe wakes the thread as well.
  [[maybe_unused]] const ssize_t written = write(wake_[1], "w", 1);
}

void DroppingProxy::Run() {
  std::vector<pollfd> polled;
  while (!must_stop_) {
    polled.assign(1, {wake_[0], POLLIN, 0});
    const bool is_cut = is_cut_;
    if (!is_cut) {
      for (const Listener& listener : listeners_) polled.push_back({listener.socket, POLLIN, 0});
      for (const Connection& connection : connections_) {
        for (int end = 0; end < 2; ++end) {
          const bool reads =
              !connection.is_at_end[end] && connection.pending[end].size() < kMaxPending;
          const bool writes = !connection.pending[1 - end].empty();
          polled.push_back({connection.sockets[end],
                            static_cast<int16_t>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0)),
                            0});
        }
      }
    }
    poll(polled.data(), polled.size(), -1);
    std::array<char, 64> woken;
    while (read(wake_[0], woken.data(), woken.size()) > 0) {
    }
    if (is_cut || is_cut_) continue;
    if (must_reset_.exchange(false)) {
      for (const Connection& connection : connections_) {
        for (const int end : connection.sockets) Reset(end);
      }
      connections_.clear();
    }
    for (const Listener& listener : listeners_) Accept(listener);
    for (auto it = connections_.begin(); it != connections_.end();) {
      if (Forward(*it)) {
        ++it;
        continue;
      }
      for (const int end : it->sockets) close(end);
      it = connections_.erase(it);
    }
  }
}

void DroppingProxy::Accept(const Listener& listener) {
  while (true) {
    const int client = accept4(listener.socket, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client < 0) return;
    const int broker = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    PICKET_CHECK(broker >= 0);
    const sockaddr_in address = Loopback(listener.target_port);
    // This call does not wait, because the kernel of this machine accepts or refuses the connection
    // at once.
    if (connect(broker, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      close(broker);
      Reset(client);
      continue;
    }
    fcntl(broker, F_SETFL, fcntl(broker, F_GETFL) | O_NONBLOCK);
    SetNoDelay(client);
    SetNoDelay(broker);
    connections_.emplace_back().sockets[0] = client;
    connections_.back().sockets[1] = broker;
  }
}

bool DroppingProxy::Forward(Connection& connection) {
  std::array<char, 64 << 10> bytes;
  for (int from = 0; from < 2; ++from) {
    std::string& pending = connection.pending[from];
    while (!connection.is_at_end[from] && pending.size() < kMaxPending) {
      const ssize_t count = recv(connection.sockets[from], bytes.data(), bytes.size(), 0);
      if (count > 0) {
        pending.append(bytes.data(), static_cast<size_t>(count));
        continue;
      }
      if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
      connection.is_at_end[from] = true;
    }
    while (!pending.empty()) {
      const ssize_t count =
          send(connection.sockets[1 - from], pending.data(), pending.size(), MSG_NOSIGNAL);
      if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
      if (count < 0) return false;
      forwarded_bytes_ += count;
      pending.erase(0, static_cast<size_t>(count));
    }
    // Kafka's clients and brokers close whole connections. They never close one direction only.
    if (connection.is_at_end[from] && pending.empty()) return false;
  }
  return true;
}

}  // namespace picket
