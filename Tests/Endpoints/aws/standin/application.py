"""A strict stand-in for AWS, before moto: it checks and does what moto 5.2.1 does not, and leaves the rest to moto.

Its own: signatures and session tokens with their expiry; EBS direct with checksums, counts, states, parents and client
tokens; import tasks; RegisterImage with what it says; client tokens and pages of EC2; checksums of S3; STS; prices; logins;
the keys of instances and containers. It is no AWS: `drive_standin.py` lets boto3 use it before it is believed.
"""

import io

from faults import refuse
from request import respond

from . import signature
from .ebs import EBS
from .ec2 import EC2
from .local import local
from .pricing import Pricing
from .s3 import S3
from .sso import SSO
from .state import Refusal, State
from .sts import STS


class StandIn:
    def __init__(self, moto, region):
        self.moto = moto
        self.state = State()
        ec2 = EC2(self.state, self.to_moto, region)
        self.services = {
            "ebs": EBS(self.state, ec2), "ec2": ec2, "s3": S3(self.state, self.to_moto), "sts": STS(self.state),
            "pricing": Pricing(self.state), "sso": SSO(self.state)}
        ec2.ebs = self.services["ebs"]

    def __call__(self, request, start_response):
        try:
            if request.service == "local":
                status, body, headers = local(request, self.state)
                return respond(start_response, status, body, headers)
            if request.service != "sso" and request.operation not in STS.UNSIGNED:
                signature.check(request, self.state)
            service = self.services.get(request.service)
            if service is None and request.service not in ("kms", "iam"):
                raise Refusal(404, "UnknownService", f"'{request.service}' is not served here")
            # Of keys and instance profiles moto tells all that is asked.
            answer = service.handle(request) if service else self.to_moto(request)
            status, body, headers = answer
            kept = [item for item in headers if item[0].lower() not in ("content-length", "connection", "date")]
            if request.method == "HEAD":
                # It tells the length of what is not sent.
                start_response(f"{status} -", kept + [item for item in headers if item[0].lower() == "content-length"])
                return []
            return respond(start_response, status, body, kept)
        except Refusal as error:
            return refuse(
                start_response, request.service, error.status, error.code, error.message, error.reason)

    def to_moto(self, request, body=None):
        """(status, body, headers) of moto's answer."""
        body = request.body if body is None else body
        environ = {**request.environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        kept = []
        answer = b"".join(self.moto(environ, lambda status, headers, exc_info=None: kept.append((status, headers))))
        status, headers = kept[0]
        return int(status.split()[0]), answer, list(headers)
