"""Asks the security token service of a vCenter for a bearer assertion and prints that, byte for byte.

Usage: sso_token.py URL USER    (the simulator's service looks at no password)
"""

import datetime
import re
import ssl
import sys
import urllib.request

BASE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity"
TRUST = "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
REQUEST = """<?xml version="1.0"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Header>
<wsse:Security xmlns:wsse="{base}-secext-1.0.xsd" xmlns:wsu="{base}-utility-1.0.xsd">
<wsu:Timestamp><wsu:Created>{created}</wsu:Created><wsu:Expires>{expires}</wsu:Expires></wsu:Timestamp>
<wsse:UsernameToken><wsse:Username>{user}</wsse:Username><wsse:Password>x</wsse:Password></wsse:UsernameToken>
</wsse:Security></soapenv:Header><soapenv:Body>
<wst:RequestSecurityToken xmlns:wst="{trust}"><wst:TokenType>urn:oasis:names:tc:SAML:2.0:assertion</wst:TokenType>
<wst:RequestType>{trust}/Issue</wst:RequestType><wst:KeyType>{trust}/Bearer</wst:KeyType>
</wst:RequestSecurityToken></soapenv:Body></soapenv:Envelope>"""


def main():
    url, user = sys.argv[1:3]
    now = datetime.datetime.now(datetime.timezone.utc)
    stamp = "%Y-%m-%dT%H:%M:%S.000Z"
    body = REQUEST.format(
        base=BASE, trust=TRUST, user=user, created=now.strftime(stamp),
        expires=(now + datetime.timedelta(minutes=5)).strftime(stamp))
    request = urllib.request.Request(
        url + "/sts/STSService/vsphere.local", body.encode(),
        {"Content-Type": "text/xml", "SOAPAction": TRUST + "/RST/Issue"})
    context = ssl._create_unverified_context()
    with urllib.request.urlopen(request, context=context, timeout=30) as answer:
        text = answer.read().decode()
    found = re.search(r"<(\w+:)?Assertion\b.*</(\w+:)?Assertion>", text, re.S)
    if not found:
        raise SystemExit(text[:500])
    sys.stdout.write(found.group(0))


if __name__ == "__main__":
    main()
