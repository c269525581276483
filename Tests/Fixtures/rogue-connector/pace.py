"""The pace that `$/limits` sets: bytes are paid for before they are read, and a change is seen at once."""

import threading
import time


class Pace:
    def __init__(self):
        self.lock = threading.Lock()
        self.rate, self.tokens, self.filled = None, 0.0, time.monotonic()

    def set(self, rate):
        with self.lock:
            self.rate, self.tokens = rate, 0.0

    def wait(self, count, stopped):
        """Returns once `count` bytes may be read, or `stopped()` is true."""
        while not self._take(count) and not stopped():
            time.sleep(0.05)

    def _take(self, count):
        with self.lock:
            now = time.monotonic()
            if self.rate:
                self.tokens = min(self.tokens + self.rate * (now - self.filled), self.rate / 4)
            self.filled = now
            if self.rate and self.tokens < 0:
                return False
            self.tokens -= count
            return True
