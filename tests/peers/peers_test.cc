// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// curl, wrk, nginx, redis-cli, redis-benchmark, nc and socat against the
// examples. tools/setup installs them.

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "parkour/tests/child/child.h"
#include "parkour/tests/child/server.h"

namespace parkour::tests {
namespace {

constexpr std::chrono::seconds kPatience(60);

std::string PathOf(const std::string& program) {
  for (const char* folder : {"/usr/bin/", "/usr/sbin/", "/bin/"}) {
    if (access((folder + program).c_str(), X_OK) == 0) return folder + program;
  }
  return "";
}

#define NEEDS(program)           \
  ASSERT_NE(PathOf(program), "") \
      << program << " is not installed: run tools/setup"

// Runs a peer to its end, which must be a good one.
std::string RunPeer(std::vector<std::string> argv,
                    const std::string& input = "") {
  argv[0] = PathOf(argv[0]);
  Child child(argv);
  if (!input.empty()) child.WriteLine(input);
  const Outcome outcome = child.Finish(kPatience);
  EXPECT_EQ(outcome.exit_status, 0)
      << argv[0] << ": " << outcome.out << outcome.err << outcome.hang;
  return outcome.out;
}

class Folder {
 public:
  Folder() {
    // Not the test's own folder: a socket's name has 107 bytes at most.
    std::string name = "/tmp/peersXXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~Folder() { RunPeer({"rm", "-rf", path_}); }
  std::string operator/(const std::string& name) const {
    return path_ + "/" + name;
  }

 private:
  std::string path_;
};

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Http, Curl) {
  NEEDS("curl");
  Server server({"examples/http/http", "127.0.0.1:0"});
  const std::string url = "http://" + server.address() + "/";
  EXPECT_EQ(RunPeer({"curl", "-sS", url}), "Hello, World!\n");
  // Twice on one connection.
  EXPECT_EQ(RunPeer({"curl", "-sS", "-w", "%{num_connects} ", url, url}),
            "Hello, World!\n1 Hello, World!\n0 ");
  EXPECT_EQ(RunPeer({"curl", "-sS", "-H", "Connection: close", url}),
            "Hello, World!\n");
  EXPECT_EQ(RunPeer({"curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}",
                     "-d", "data", url}),
            "405");
}

TEST(Http, Wrk) {
  NEEDS("wrk");
  Server server({"examples/http/http", "127.0.0.1:0"});
  const std::string report = RunPeer({"wrk", "-t", "1", "-c", "64", "-d", "1s",
                                      "http://" + server.address() + "/"});
  EXPECT_NE(report.find("requests in"), std::string::npos) << report;
  EXPECT_EQ(report.find(" 0 requests in"), std::string::npos) << report;
  EXPECT_EQ(report.find("Socket errors"), std::string::npos) << report;
  EXPECT_EQ(report.find("Non-2xx"), std::string::npos) << report;
}

TEST(Resp, RedisCli) {
  NEEDS("redis-cli");
  Server server({"examples/resp/resp", "127.0.0.1:0"});
  const auto cli = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"redis-cli", "-p", server.port()});
    return RunPeer(words);
  };
  EXPECT_EQ(cli({"ping"}), "PONG\n");
  EXPECT_EQ(cli({"set", "a", "one two"}), "OK\n");
  EXPECT_EQ(cli({"get", "a"}), "one two\n");
  EXPECT_EQ(cli({"get", "b"}), "\n");
  EXPECT_EQ(cli({"incr", "n"}), "1\n");
  EXPECT_EQ(cli({"incr", "n"}), "2\n");
  EXPECT_EQ(cli({"del", "a"}), "1\n");
  EXPECT_EQ(cli({"dbsize"}), "1\n");
}

TEST(Resp, RedisBenchmark) {
  NEEDS("redis-benchmark");
  Server server({"examples/resp/resp", "127.0.0.1:0"});
  const std::string report = RunPeer(
      {"redis-benchmark", "-p", server.port(), "-t", "ping,set,get,incr", "-n",
       "20000", "-c", "50", "-P", "4", "-r", "1000", "--csv"});
  for (const char* test :
       {"\"PING_INLINE\"", "\"SET\"", "\"GET\"", "\"INCR\""}) {
    EXPECT_NE(report.find(test), std::string::npos) << report;
  }
  // Wrong input ends the connection with a word, and nothing else.
  EXPECT_EQ(RunPeer({"nc", "-N", "127.0.0.1", server.port()}, "*x\r"),
            "-ERR Protocol error\r\n");
  EXPECT_EQ(RunPeer({"redis-cli", "-p", server.port(), "ping"}), "PONG\n");
}

// nginx as one process, with everything it needs in `folder`.
std::unique_ptr<Child> StartNginx(const Folder& folder,
                                  const std::string& port) {
  std::ofstream(folder / "nginx.conf")
      // The user: in a sandbox only root may be known.
      << "daemon off; master_process off; user root;\n"
      << "error_log stderr warn;\n"
      << "pid " << folder / "pid"
      << ";\n"
      << "events {}\n"
      << "http { access_log off; client_body_temp_path " << folder / "tmp"
      << "; proxy_temp_path " << folder / "tmp"
      << "; fastcgi_temp_path " << folder / "tmp"
      << "; uwsgi_temp_path " << folder / "tmp"
      << "; scgi_temp_path " << folder / "tmp"
      << ";\n"
      << "server { listen 127.0.0.1:" << port << "; root " << folder / "root"
      << "; } }\n";
  return std::make_unique<Child>(
      std::vector<std::string>{PathOf("nginx"), "-e", "stderr", "-p",
                               folder / "", "-c", folder / "nginx.conf"});
}

// A port that was free a moment ago: nginx cannot be asked for one. The test
// has a loopback interface of its own.
std::string FreePort() {
  Server server({"tests/peers/stream_echo", "tcp", "127.0.0.1:0"});
  return server.port();
}

TEST(Proxy, NginxBehindIt) {
  NEEDS("nginx");
  NEEDS("curl");
  const Folder folder;
  ASSERT_EQ(mkdir((folder / "root").c_str(), 0755), 0);
  ASSERT_EQ(chmod((folder / "").c_str(), 0755), 0);
  std::string content(8 << 20, '\0');
  uint32_t x = 1;
  for (char& c : content)
    c = static_cast<char>((x = x * 1664525 + 1013904223) >> 24);
  std::ofstream(folder / "root/file", std::ios::binary) << content;
  const std::string port = FreePort();
  const std::unique_ptr<Child> nginx = StartNginx(folder, port);
  Server proxy({"examples/proxy/proxy", "127.0.0.1:0", "127.0.0.1:" + port});
  const std::string url = "http://" + proxy.address() + "/file";
  // --retry covers nginx's start.
  RunPeer({"curl", "-sS", "--fail", "--retry", "50", "--retry-delay", "1",
           "--retry-all-errors", "-o", folder / "got", url});
  EXPECT_TRUE(Contents(folder / "got") == content);
  // A part, several at once, and a file that is not there.
  EXPECT_EQ(RunPeer({"curl", "-sS", "-r", "1000-1999", url}),
            content.substr(1000, 1000));
  RunPeer(
      {"curl", "-sS", "--fail", "-Z", "-o", folder / "#1", url + "?{1,2,3,4}"});
  for (const char* name : {"1", "2", "3", "4"}) {
    EXPECT_TRUE(Contents(folder / name) == content) << name;
  }
  EXPECT_EQ(RunPeer({"curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}",
                     "http://" + proxy.address() + "/none"}),
            "404");
  nginx->Signal(SIGTERM);
}

// nc finishes sending and waits for the rest: half-close goes both ways.
TEST(Proxy, HalfClose) {
  NEEDS("nc");
  Server echo({"tests/peers/stream_echo", "tcp", "127.0.0.1:0"});
  Server proxy({"examples/proxy/proxy", "127.0.0.1:0", echo.address()});
  EXPECT_EQ(
      RunPeer({"nc", "-N", "127.0.0.1", proxy.port()}, "through and back"),
      "through and back\n");
}

TEST(Proxy, NobodyBehindIt) {
  NEEDS("curl");
  Server proxy({"examples/proxy/proxy", "127.0.0.1:0", "127.0.0.1:1"});
  Child curl({PathOf("curl"), "-sS", "http://" + proxy.address() + "/"});
  // An empty reply; or, if the request had come and nobody had read it, a
  // reset.
  const int status = curl.Finish(kPatience).exit_status;
  EXPECT_TRUE(status == 52 || status == 56) << status;
}

TEST(Socat, Udp) {
  NEEDS("socat");
  Server server({"examples/datagrams/datagrams", "udp", "127.0.0.1:0"});
  EXPECT_EQ(
      RunPeer({"socat", "-t", "2", "-", "udp:" + server.address()}, "hello"),
      "hello\n");
  server.child().Signal(SIGTERM);
  EXPECT_EQ(server.child().Finish(kPatience).exit_status, 0);
}

TEST(Socat, UnixDatagrams) {
  NEEDS("socat");
  const Folder folder;
  Server server({"examples/datagrams/datagrams", "unixgram", folder / "ours"});
  EXPECT_EQ(server.address(), folder / "ours");
  EXPECT_EQ(
      RunPeer({"socat", "-t", "2", "-",
               "unix-sendto:" + server.address() + ",bind=" + folder / "its"},
              "hello"),
      "hello\n");
}

TEST(Socat, UnixStreams) {
  NEEDS("socat");
  const Folder folder;
  Server server({"tests/peers/stream_echo", "unix", folder / "socket"});
  EXPECT_EQ(
      RunPeer({"socat", "-t", "5", "-", "unix-connect:" + server.address()},
              "hello"),
      "hello\n");
  server.child().Signal(SIGTERM);
  EXPECT_EQ(server.child().Finish(kPatience).exit_status, 0);
  EXPECT_NE(access((folder / "socket").c_str(), F_OK), 0)
      << "the socket's file is still there";
}

TEST(Socat, AbstractAndSeqpacket) {
  NEEDS("socat");
  const std::string name = "parkour-peers-" + std::to_string(getpid());
  Server server({"tests/peers/stream_echo", "unix", "@" + name});
  EXPECT_EQ(
      RunPeer({"socat", "-t", "5", "-", "abstract-connect:" + name}, "hello"),
      "hello\n");
  const Folder folder;
  Server packets({"tests/peers/stream_echo", "unixpacket", folder / "socket"});
  EXPECT_EQ(RunPeer({"socat", "-t", "5", "-",
                     "unix-connect:" + packets.address() + ",type=5"},
                    "hello"),
            "hello\n");
}

}  // namespace
}  // namespace parkour::tests
