# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""HTTP servers that say hello, and wrk, which asks."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time

from programs import PATIENCE, Failure, Program

HELLO = "Hello, World!\n"
NGINX = """\
daemon off;
master_process off;
worker_processes 1;
pid {folder}/pid;
error_log stderr crit;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path {folder};
  proxy_temp_path {folder};
  fastcgi_temp_path {folder};
  uwsgi_temp_path {folder};
  scgi_temp_path {folder};
  default_type text/plain;
  server {{
    listen 127.0.0.1:{port};
    location / {{ return 200 "Hello, World!\\n"; }}
  }}
}}
"""
# wrk's units of time, in microseconds.
UNITS = {"us": 1, "ms": 1e3, "s": 1e6, "m": 60e6}


def nginx_binary():
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")


def nginx_available():
    return nginx_binary() is not None


def wrk_available():
    return shutil.which("wrk") is not None


def answers(address):
    """Does it say hello?"""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), PATIENCE) as sock:
            sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            data = b""
            while not data.endswith(HELLO.encode()):
                got = sock.recv(4096)
                if not got:
                    return False
                data += got
            return True
    except OSError:
        return False


@contextlib.contextmanager
def nginx(cpu):
    """Yields its address: a port that was free a moment ago."""
    with tempfile.TemporaryDirectory() as folder, \
            socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        path = os.path.join(folder, "nginx.conf")
        with open(path, "w", encoding="utf-8") as f:
            f.write(NGINX.format(folder=folder, port=port))
        with Program([nginx_binary(), "-c", path, "-p", folder], cpu,
                     ends_with_input=False) as server:
            address = f"127.0.0.1:{port}"
            deadline = time.monotonic() + PATIENCE
            while not answers(address):
                if server.process.poll() is not None \
                        or time.monotonic() > deadline:
                    raise server.failure("does not answer")
                time.sleep(0.05)
            yield address


@contextlib.contextmanager
def running(programs, system, cpu):
    """Yields the address of a server with one P."""
    if system == "nginx":
        with nginx(cpu) as address:
            yield address
        return
    argv = {"raw": programs.argv("raw", "echo") + ["-http=1"],
            "parkour": programs.tool("http") + ["127.0.0.1:0"],
            "go": programs.argv("go", "http")}[system]
    with Program(argv, cpu, {"GOMAXPROCS": "1"},
                 ends_with_input=system != "parkour") as server:
        address = server.expect("listening on ")
        if not answers(address):
            raise server.failure("does not say hello")
        yield address


def parse(text):
    """{key: figure} of wrk's report."""
    rate = re.search(r"^Requests/sec: +([\d.]+)", text, re.M)
    p99 = re.search(r"^ +99% +([\d.]+)(us|ms|s|m)$", text, re.M)
    errors = re.search(r"^ +(Socket errors: .*|Non-2xx.*)$", text, re.M)
    if not rate or not p99 or errors:
        raise Failure("wrk:\n" + text)
    return {"per_second": float(rate.group(1)),
            "p99_us": float(p99.group(1)) * UNITS[p99.group(2)]}


def wrk(address, connections, cpu, warmup, seconds):
    """Its report about the last `seconds`; it knows whole ones only."""
    def ask(duration):
        pinned = [] if cpu is None else ["taskset", "-c", str(cpu)]
        return subprocess.run(
            pinned + ["wrk", "-t1", f"-c{connections}", "--latency",
                      f"-d{max(round(duration), 1)}s", f"http://{address}/"],
            stdout=subprocess.PIPE, text=True, check=True).stdout
    ask(warmup)
    return parse(ask(seconds))
