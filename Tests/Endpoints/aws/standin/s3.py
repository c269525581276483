"""S3: moto's, with the checksums that it takes at face value, or forgets, verified and told."""

import base64
import hashlib
import re

from .state import Refusal


def b64(digest):
    return base64.b64encode(digest).decode()


class S3:
    def __init__(self, state, moto):
        self.state, self.moto = state, moto
        # Of uploads that were begun with SHA-256: the checksum of each part.
        self.uploads = {}

    def handle(self, request):
        headers = request.headers
        if headers.get("content-md5", b64(hashlib.md5(request.body).digest())) != b64(
                hashlib.md5(request.body).digest()):
            raise Refusal(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")
        checksum = headers.get("x-amz-checksum-sha256")
        if checksum is not None and checksum != b64(hashlib.sha256(request.body).digest()):
            raise Refusal(400, "BadDigest", "The SHA256 you specified did not match the calculated checksum.")
        upload = request.parameter("uploadId")
        if request.operation == "UploadPart" and checksum is not None and upload not in self.uploads:
            raise Refusal(400, "InvalidRequest", "Checksum Type mismatch occurred, expected checksum Type: null")
        if request.operation == "CompleteMultipartUpload":
            self.check_parts(request, upload)
        status, body, answered = self.moto(request)
        if status != 200:
            return status, body, answered
        if request.operation == "CreateMultipartUpload" and headers.get("x-amz-checksum-algorithm") == "SHA256":
            self.uploads[re.search(rb"<UploadId>([^<]+)", body).group(1).decode()] = {}
        if request.operation == "UploadPart" and checksum is not None:
            self.uploads[upload][request.parameter("partNumber")] = checksum
        if request.operation == "ListParts":
            body = self.with_checksums(body, self.uploads.get(upload, {}))
        return status, body, answered

    def check_parts(self, request, upload):
        """An upload begun with an algorithm is completed with the checksum of each part."""
        known = self.uploads.get(upload)
        if known is None:
            return
        for part in re.findall(r"<Part>(.*?)</Part>", request.body.decode(), re.DOTALL):
            number = re.search(r"<PartNumber>(\d+)</PartNumber>", part).group(1)
            said = re.search(r"<ChecksumSHA256>([^<]+)</ChecksumSHA256>", part)
            if not said or said.group(1) != known.get(number):
                raise Refusal(400, "InvalidPart", f"the checksum of part {number} is missing or another")

    @staticmethod
    def with_checksums(body, known):
        def one(match):
            text = match.group(0).decode()
            number = re.search(r"<PartNumber>(\d+)</PartNumber>", text).group(1)
            checksum = f"<ChecksumSHA256>{known[number]}</ChecksumSHA256>" if number in known else ""
            return text.replace("</Part>", checksum + "</Part>").encode()

        return re.sub(rb"<Part>.*?</Part>", one, body, flags=re.DOTALL)
