// An echo server that ends gracefully: at SIGINT or SIGTERM it accepts no more,
// lets every connection finish what it is doing, and returns.
#include <csignal>
#include <cstdio>
#include <string>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/statusor.h"
#include "parkour/parkour.h"

using namespace parkour;

void Echo(context::Context ctx, net::Conn conn) {
  absl::Cleanup close = [&] { conn.Close().IgnoreError(); };
  // No further request: what is being answered is answered.
  auto stop = context::AfterFunc(
      ctx, [conn] { conn.SetReadDeadline(absl::UnixEpoch()).IgnoreError(); });
  absl::Cleanup unregister = [&] { stop(); };
  char buf[4096];
  for (;;) {
    auto [n, err] = conn.Read(buf);
    if (n > 0 && !conn.Write({buf, n}).ok()) return;
    if (!err.ok()) return;
  }
}

absl::Status Serve(const char* address) {
  absl::StatusOr<net::Listener> ln = net::Listen("tcp", address);
  if (!ln.ok()) return ln.status();
  std::printf("listening on %s\n", ln->Addr().String().c_str());
  std::fflush(stdout);

  auto [ctx, stop] =
      signal::NotifyContext(context::Background(), {SIGINT, SIGTERM});
  context::AfterFunc(ctx, [ln = *ln] { ln.Close().IgnoreError(); });
  sync::WaitGroup connections;
  for (;;) {
    absl::StatusOr<net::Conn> conn = ln->Accept();
    if (net::IsTemporary(conn.status())) {
      time::Sleep(absl::Milliseconds(10));  // out of descriptors
      continue;
    }
    if (!conn.ok()) break;
    connections.Go(Echo, ctx, *std::move(conn));
  }
  stop();  // a second signal ends the process at once
  connections.Wait();
  std::printf("bye\n");
  return absl::OkStatus();
}

int main(int argc, char** argv) {
  return parkour::Main(
      argc, argv, [&] { return Serve(argc > 1 ? argv[1] : "127.0.0.1:8080"); });
}
