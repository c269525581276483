"""S3: moto's, with the checksums that it takes at face value verified."""

import base64
import hashlib

from .state import Refusal


class S3:
    def __init__(self, state, moto):
        self.state, self.moto = state, moto

    def handle(self, request):
        headers = request.headers
        if "content-md5" in headers:
            actual = base64.b64encode(hashlib.md5(request.body).digest()).decode()
            if headers["content-md5"] != actual:
                raise Refusal(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")
        if "x-amz-checksum-sha256" in headers:
            actual = base64.b64encode(hashlib.sha256(request.body).digest()).decode()
            if headers["x-amz-checksum-sha256"] != actual:
                raise Refusal(400, "BadDigest", "The SHA256 you specified did not match the calculated checksum.")
        return self.moto(request)
