"""A headless Chromium, driven over a pipe by the DevTools protocol: no driver, no dependency."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ENVIRONMENT = "TINYGRAD_EDU_BROWSER"
PATIENCE = 300.0  # seconds; against a browser that hangs, and long enough for a busy machine


def find_browser() -> str | None:
    """The browser named by `TINYGRAD_EDU_BROWSER`, or the first Chromium on the PATH."""
    wish = os.environ.get(ENVIRONMENT)
    if wish:
        return shutil.which(wish)
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One browser with one tab; `with Browser() as tab: tab.open(path)`."""

    def __init__(self, width: int = 1500, height: int = 1000) -> None:
        path = find_browser()
        if path is None:
            raise RuntimeError("There is no Chromium on the PATH.")
        self.profile = tempfile.mkdtemp(prefix="browser-")
        to_read, self.to_write = os.pipe()
        self.from_read, from_write = os.pipe()
        flags = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
            "--remote-debugging-pipe",
            f"--user-data-dir={self.profile}",
            f"--window-size={width},{height}",
            "about:blank",
        ]
        # The browser speaks over descriptors 3 and 4, whatever numbers the pipes have here.
        line = f'exec "$0" "$@" 3<&{to_read} 4>&{from_write}'
        self.process = subprocess.Popen(
            ["/bin/bash", "-c", line, path, *flags],
            pass_fds=(to_read, from_write),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(from_write)
        self.buffer = b""
        self.count = 0
        self.events: list[dict[str, Any]] = []
        target = self._call("Target.createTarget", {"url": "about:blank"}, session=None)
        attached = self._call(
            "Target.attachToTarget",
            {"targetId": target["targetId"], "flatten": True},
            session=None,
        )
        self.session: str = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the browser and remove its profile."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.to_write)
        os.close(self.from_read)
        shutil.rmtree(self.profile, ignore_errors=True)

    def _message(self, timeout: float) -> dict[str, Any]:
        end = time.monotonic() + timeout
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.from_read], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                raise TimeoutError("The browser did not answer.")
            piece = os.read(self.from_read, 1 << 16)
            if not piece:
                raise ConnectionError("The browser has ended.")
            self.buffer += piece
        text, self.buffer = self.buffer.split(b"\0", 1)
        found: dict[str, Any] = json.loads(text)
        return found

    def _call(self, method: str, values: dict[str, Any], session: str | None) -> dict[str, Any]:
        self.count += 1
        message: dict[str, Any] = {"id": self.count, "method": method, "params": values}
        if session is not None:
            message["sessionId"] = session
        os.write(self.to_write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._message(PATIENCE)
            if answer.get("id") == self.count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                result: dict[str, Any] = answer["result"]
                return result
            if "method" in answer:
                self.events.append(answer)

    def call(self, method: str, **values: Any) -> dict[str, Any]:
        """Send one DevTools command to the tab."""
        return self._call(method, values.get("values", values), self.session)

    def evaluate(self, script: str) -> Any:
        """The value of a JavaScript expression, promises awaited.

        Raises
        ------
        AssertionError
            The script threw; the message is the browser's.
        """
        answer = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise AssertionError(details.get("exception", {}).get("description", details["text"]))
        return answer["result"].get("value")

    def wait_for(self, script: str, timeout: float = PATIENCE) -> Any:
        """Wait until the expression is true, and return its value."""
        end = time.monotonic() + timeout
        while True:
            value = self.evaluate(script)
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError(f"Still not true after {timeout:g} s: {script}")
            time.sleep(0.02)

    def open(self, path: Path) -> None:
        """Open a file and wait until the graph is drawn."""
        self.events.clear()
        address = path.resolve().as_uri()
        self.call("Page.navigate", url=address)
        self.wait_for(
            f"location.href==={json.dumps(address)} && document.documentElement?.dataset.ready"
        )

    def key(self, key: str) -> None:
        """Press and release a key by its DOM name."""
        codes = {"Enter": 13, " ": 32, "Home": 36, "End": 35, "Tab": 9, "Escape": 27}
        codes |= {"ArrowLeft": 37, "ArrowRight": 39}
        text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        code = codes.get(key, ord(key.upper()) if key.isalnum() and len(key) == 1 else 0)
        self.call("Input.dispatchKeyEvent", values={"type": "keyDown", "key": key,
                  "windowsVirtualKeyCode": code, **text})  # fmt: skip
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def click(self, selector: str, dx: float | None = None, dy: float | None = None) -> None:
        """Click an element with a real mouse event, in its middle or at an offset."""
        script = f"(()=>{{const r=document.querySelector({json.dumps(selector)})"
        script += ".getBoundingClientRect();return [r.left,r.top,r.width,r.height]})()"
        left, top, width, height = self.evaluate(script)
        x = left + (width / 2 if dx is None else dx)
        y = top + (height / 2 if dy is None else dy)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def screenshot(self, path: Path) -> None:
        """Save what the tab shows as a PNG."""
        data = self.call("Page.captureScreenshot", format="png")["data"]
        path.write_bytes(base64.b64decode(data))

    def requests(self) -> list[str]:
        """The addresses asked for since `open`, blobs and data inside the page left out."""
        self.evaluate("1")
        sent = [
            event["params"]["request"]["url"]
            for event in self.events
            if event["method"] == "Network.requestWillBeSent"
        ]
        return [url for url in sent if not url.startswith(("blob:", "data:"))]

    def errors(self) -> list[str]:
        """Uncaught exceptions and logged errors since `open`."""
        self.evaluate("1")
        out = []
        for event in self.events:
            if event["method"] == "Runtime.exceptionThrown":
                details = event["params"]["exceptionDetails"]
                out.append(details.get("exception", {}).get("description", details["text"]))
            if event["method"] == "Log.entryAdded":
                entry = event["params"]["entry"]
                if entry["level"] == "error":
                    out.append(entry["text"])
        return out
