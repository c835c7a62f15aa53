# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""A project outside the tree, made as docs/INSTALL.md says, and its server."""

import os
import re
import shutil
import socket
import subprocess

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
FILE = re.compile(r"# ([\w.]+)\n")


def section(document, title):
    """What stands under a heading."""
    with open(document, encoding="utf-8") as f:
        parts = re.split(r"^## (.*)\n", f.read(), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))[title]


class Project:
    """The files and commands of a section, in a folder with a server.cc."""

    def __init__(self, text, folder, source):
        self.folder = folder
        self.commands = []
        os.makedirs(folder)
        shutil.copy(source, os.path.join(folder, "server.cc"))
        for _, block in BLOCK.findall(text):
            name = FILE.match(block)
            if name is None:
                self.commands.append(block)
                continue
            path = os.path.join(folder, name.group(1))
            with open(path, "w", encoding="utf-8") as f:
                f.write(block[name.end():])

    def run(self, changes, env=None):
        """All commands, one shell; `changes`: what they say, what is run."""
        script = "set -eu\n" + "".join(self.commands)
        for before, after in changes.items():
            assert before in script, f"{before} is not in\n{script}"
            script = script.replace(before, after)
        subprocess.run(["bash", "-c", script], cwd=self.folder, check=True,
                       env={**os.environ, **(env or {})})


def check_echo(program):
    """Starts a server that says where it listens and echoes what it gets."""
    with subprocess.Popen([program, "127.0.0.1:0"], text=True,
                          stdout=subprocess.PIPE) as server:
        try:
            line = server.stdout.readline()
            port = int(line.rsplit(":", 1)[1])
            with socket.create_connection(("127.0.0.1", port), 60) as conn:
                conn.sendall(b"ping")
                conn.shutdown(socket.SHUT_WR)
                answer = conn.makefile("rb").read()
            assert answer == b"ping", answer
        finally:
            server.kill()
