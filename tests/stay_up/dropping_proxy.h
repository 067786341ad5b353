#pragma once

#include <atomic>
#include <list>
#include <string>
#include <thread>
#include <vector>

namespace picket {

// Forwards TCP connections to ports of 127.0.0.1, and can simulate a broken network, in which no
// byte passes and neither side gets an error. When the network is healed, the bytes that were sent
// meanwhile arrive late.
// Threads: Any thread may call any method. The proxy forwards on its own thread. Lifetime: The
// destructor closes all connections. Failure: An error of the setup aborts the program. An error of
// a connection closes both of its ends.
class DroppingProxy {
 public:
  // Listens on a free port for each of the target ports.
  explicit DroppingProxy(const std::vector<int>& target_ports);
  ~DroppingProxy();
  DroppingProxy(const DroppingProxy&) = delete;
  DroppingProxy& operator=(const DroppingProxy&) = delete;

  // Returns the port that is forwarded to the target port with this index.
  int port(size_t index) const { return listeners_[index].port; }

  void Cut() { SetCut(true); }
  void Heal() { SetCut(false); }
  // Heals the network, and resets all connections instead of delivering what was sent meanwhile.
  void HealWithReset();
  // Returns the number of bytes forwarded so far.
  int64_t forwarded_bytes() const { return forwarded_bytes_; }

 private:
  struct Listener {
    int socket;
    int port;
    int target_port;
  };
  struct Connection {
    int sockets[2];          // the client's and the broker's end
    std::string pending[2];  // bytes that were read from an end and not yet written to the other
    bool is_at_end[2] = {false, false};
  };

  void SetCut(bool is_cut);
  void Wake();
  void Run();
  void Accept(const Listener& listener);
  // Moves bytes as far as possible without waiting. Returns false if the connection is finished.
  bool Forward(Connection& connection);

  std::vector<Listener> listeners_;
  int wake_[2];  // a pipe that ends the thread's wait
  std::atomic<bool> is_cut_ = false;
  std::atomic<bool> must_reset_ = false;
  std::atomic<bool> must_stop_ = false;
  std::atomic<int64_t> forwarded_bytes_ = 0;
  std::list<Connection> connections_;  // used by the thread only
  std::thread thread_;
};

}  // namespace picket
