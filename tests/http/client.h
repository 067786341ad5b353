#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "absl/strings/match.h"

namespace picket::http {

// A plain socket. The tests use it to send bytes that no HTTP library would send.
class Client {
 public:
  // Opens a socket that is not connected yet.
  Client() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  explicit Client(int port) : Client() { Connect(port); }
  ~Client() { ::close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void Connect(int port) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ =
        ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }

  bool is_connected() const { return is_connected_; }
  void Send(const std::string& bytes) {
    size_t sent = 0;
    while (sent < bytes.size()) {
      const ssize_t n = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return;
      sent += static_cast<size_t>(n);
    }
  }
  // Tells the server that no more bytes will come. The client can still receive.
  void EndSending() { ::shutdown(fd_, SHUT_WR); }
  // Reads until `text` has arrived, the server closes the connection, or ten seconds pass without a
  // byte. Returns all bytes received so far.
  std::string ReadUntil(const std::string& text) {
    while (!absl::StrContains(received_, text) && ReadSome()) {
    }
    return received_;
  }
  // Reads until the server closes the connection. Returns false if ten seconds pass without a byte.
  bool WaitForClose() {
    while (ReadSome()) {
    }
    return is_closed_;
  }

  const std::string& received() const { return received_; }

 private:
  bool ReadSome() {
    pollfd wait = {fd_, POLLIN, 0};
    if (::poll(&wait, 1, 10'000) != 1) return false;
    char bytes[4096];
    const ssize_t n = ::recv(fd_, bytes, sizeof(bytes), 0);
    if (n <= 0) {
      is_closed_ = true;
      return false;
    }
    received_.append(bytes, static_cast<size_t>(n));
    return true;
  }

  int fd_;
  bool is_connected_ = false;
  bool is_closed_ = false;
  std::string received_;
};

}  // namespace picket::http
