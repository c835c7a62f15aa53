# Copyright 2026 The Parkour Authors.
# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium, driven over the pipe of its DevTools protocol.

    with Browser() as browser:
        page = browser.open("file:///tmp/page.html")
        page.wait_for("window.__trace.ready")
        page.click(400, 300)
        png = page.screenshot()

The pipe, not a port: nothing listens, and a sandbox without network is fine.
See https://chromedevtools.github.io/devtools-protocol/.
"""

import base64
import json
import os
import select
import shutil
import struct
import subprocess
import tempfile
import time
import zlib

NAMES = ("chromium-headless-shell", "chromium")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
         "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync",
         "--disable-extensions", "--disable-dev-shm-usage", "--hide-scrollbars",
         "--force-color-profile=srgb", "--remote-debugging-pipe")


def find():
    """The browser's path; None if there is none."""
    for name in NAMES:
        path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/bin")
        if path:
            return path
    return None


class Browser:
    def __init__(self, width=1280, height=800, timeout=240):
        self.timeout = timeout  # seconds for one answer: the machine is slow
        self.size = (width, height)
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.next_id = 1
        self.buffer = b""
        self.events = []

    def __enter__(self):
        commands_read, self.commands = os.pipe()
        self.answers, answers_write = os.pipe()

        def as_3_and_4():
            # By way of high numbers, as 3 and 4 may be among the pipes' own.
            os.dup2(commands_read, 203)
            os.dup2(answers_write, 204)
            os.dup2(203, 3)
            os.dup2(204, 4)

        home = self.folder.name
        with open(os.path.join(home, "log"), "wb") as log:
            self.process = subprocess.Popen(
                [find(), *FLAGS, "--user-data-dir=" + home,
                 "--window-size=%d,%d" % self.size, "about:blank"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "HOME": home, "TMPDIR": home},
                close_fds=False, preexec_fn=as_3_and_4)
        os.close(commands_read)
        os.close(answers_write)
        return self

    def __exit__(self, *unused):
        self.process.kill()
        self.process.wait()
        os.close(self.commands)
        os.close(self.answers)
        self.folder.cleanup()

    def log(self):
        with open(os.path.join(self.folder.name, "log"),
                  errors="replace") as f:
            return f.read()[-4000:]

    def message(self):
        """The next message; an error if there is none in time."""
        end = time.monotonic() + self.timeout
        while b"\0" not in self.buffer:
            left = end - time.monotonic()
            ready = left > 0 and select.select([self.answers], [], [], left)[0]
            data = os.read(self.answers, 1 << 20) if ready else b""
            if not data:
                raise RuntimeError("no answer of the browser:\n" + self.log())
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, session=None, **params):
        message = {"id": self.next_id, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        self.next_id += 1
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.commands, data):]
        while True:
            answer = self.message()
            if "id" not in answer:
                self.events.append(answer)
            elif answer["id"] == message["id"]:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def open(self, url, dark=False):
        target = self.call("Target.createTarget", url="about:blank",
                           width=self.size[0], height=self.size[1])
        session = self.call("Target.attachToTarget", flatten=True,
                            targetId=target["targetId"])["sessionId"]
        page = Page(self, session)
        for domain in ("Page", "Runtime", "Network", "Log"):
            page.call(domain + ".enable")
        page.call("Emulation.setDeviceMetricsOverride", width=self.size[0],
                  height=self.size[1], deviceScaleFactor=1, mobile=False)
        if dark:
            page.call("Emulation.setEmulatedMedia", features=[
                {"name": "prefers-color-scheme", "value": "dark"}])
        page.call("Page.navigate", url=url)
        return page


class Page:
    def __init__(self, browser, session):
        self.browser = browser
        self.session = session

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression,
                           returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def wait_for(self, expression):
        """Until it is true, which is asked again and again."""
        end = time.monotonic() + self.browser.timeout
        while not self.evaluate(expression):
            if time.monotonic() > end:
                raise RuntimeError("never true: " + expression)
            time.sleep(0.02)

    def frame(self):
        """Until the page has drawn what it has to."""
        self.evaluate("new Promise((done) => requestAnimationFrame(() =>"
                      " requestAnimationFrame(() => done(true))))")

    def mouse(self, kind, x, y, **more):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def click(self, x, y):
        self.mouse("mouseMoved", x, y)
        for kind in ("mousePressed", "mouseReleased"):
            self.mouse(kind, x, y, button="left", clickCount=1)
        self.frame()

    def key(self, key):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key)
        self.frame()

    def screenshot(self, scale=1):
        """PNG's bytes."""
        self.frame()
        width, height = self.browser.size
        return base64.b64decode(self.call(
            "Page.captureScreenshot", format="png",
            clip={"x": 0, "y": 0, "width": width, "height": height,
                  "scale": scale})["data"])

    def events(self, method):
        return [e["params"] for e in self.browser.events
                if e.get("sessionId") == self.session and
                e["method"] == method]


def colours(png):
    """How many pixels of each colour a PNG has: {bytes: count}."""
    at, data, width, depth = 8, b"", 0, 0
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at:at + 8])
        body = png[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, _, bits, colour = struct.unpack(">IIBB", body[:10])
            assert bits == 8 and colour in (2, 6)
            depth = 3 if colour == 2 else 4
        if kind == b"IDAT":
            data += body
        at += 12 + size
    return count_pixels(zlib.decompress(data), width * depth, depth)


def count_pixels(data, stride, depth):
    result = {}
    last = bytearray(stride)
    for at in range(0, len(data), stride + 1):
        row = bytearray(data[at + 1:at + 1 + stride])
        unfilter(data[at], row, last, depth)
        for i in range(0, stride, depth):
            pixel = bytes(row[i:i + 3])
            result[pixel] = result.get(pixel, 0) + 1
        last = row
    return result


def unfilter(kind, row, last, depth):
    """PNG's filters: what each byte is the difference to."""
    for i in range(len(row) if kind else 0):
        a = row[i - depth] if i >= depth else 0
        b = last[i]
        c = last[i - depth] if i >= depth else 0
        if kind == 1:
            guess = a
        elif kind == 2:
            guess = b
        elif kind == 3:
            guess = (a + b) // 2
        else:
            p = a + b - c
            pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
            guess = a if pa <= pb and pa <= pc else b if pb <= pc else c
        row[i] = (row[i] + guess) & 255
