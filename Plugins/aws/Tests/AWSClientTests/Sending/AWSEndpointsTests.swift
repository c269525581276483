import Testing

@testable import AWSClient

@Suite struct AWSEndpointsTests {
  @Test(arguments: [
    ("eu-central-1", "ec2", "https://ec2.eu-central-1.amazonaws.com"),
    ("us-east-1", "ebs", "https://ebs.us-east-1.amazonaws.com"),
    ("cn-north-1", "s3", "https://s3.cn-north-1.amazonaws.com.cn"),
    ("us-gov-west-1", "sts", "https://sts.us-gov-west-1.amazonaws.com"),
    ("eu-west-1", "iam", "https://iam.amazonaws.com"), ("us-gov-east-1", "iam", "https://iam.us-gov.amazonaws.com"),
    ("ap-south-1", "pricing", "https://api.pricing.us-east-1.amazonaws.com"),
    ("eu-west-1", "sso", "https://portal.sso.eu-west-1.amazonaws.com"),
    ("us-iso-east-1", "ec2", "https://ec2.us-iso-east-1.c2s.ic.gov"),
  ])
  func amazonsOwnAddresses(_ region: String, _ service: String, _ url: String) {
    #expect(AWSEndpoints(region: region).url(service: service) == url)
  }

  @Test func overridesGoFirst() {
    let endpoints = AWSEndpoints(
      region: "eu-west-1", endpoint: "http://127.0.0.1:5000/", overrides: ["s3": "https://Minio.Example.org:443"])
    #expect(endpoints.url(service: "ec2") == "http://127.0.0.1:5000")
    #expect(endpoints.url(service: "s3") == "https://minio.example.org")
    #expect(endpoints.signingRegion("pricing") == "us-east-1")
    #expect(endpoints.signingRegion("ec2") == "eu-west-1")
    // Never Amazon instead of what was meant.
    #expect(AWSEndpoints(region: "eu-west-1", endpoint: "ftp://x").url(service: "ec2") == "ftp://x")
  }

  @Test func bucketsStandInTheHostOrInThePath() {
    let own = AWSEndpoints(region: "eu-west-1")
    #expect(own.s3Target("/bucket/a/b") == ("https://bucket.s3.eu-west-1.amazonaws.com", "/a/b"))
    #expect(own.s3Target("/bucket") == ("https://bucket.s3.eu-west-1.amazonaws.com", "/"))
    // No certificate is for a host with more dots.
    #expect(own.s3Target("/my.bucket/a") == ("https://s3.eu-west-1.amazonaws.com", "/my.bucket/a"))
    let other = AWSEndpoints(region: "eu-west-1", endpoint: "http://127.0.0.1:9000")
    #expect(other.s3Target("/bucket/a") == ("http://127.0.0.1:9000", "/bucket/a"))
    let forced = AWSEndpoints(region: "eu-west-1", endpoint: "http://minio:9000", pathStyleS3: false)
    #expect(forced.s3Target("/bucket/a") == ("http://bucket.minio:9000", "/a"))
    let asked = AWSEndpoints(region: "eu-west-1", pathStyleS3: true)
    #expect(asked.s3Target("/bucket/a") == ("https://s3.eu-west-1.amazonaws.com", "/bucket/a"))
    // Below an address of digits there are no names.
    for host in ["127.0.0.1", "[::1]"] {
      let digits = AWSEndpoints(region: "eu-west-1", endpoint: "http://\(host):9000", pathStyleS3: false)
      #expect(digits.s3Target("/bucket/a") == ("http://\(host):9000", "/bucket/a"))
    }
  }

  @Test(arguments: [
    "", "ftp://host", "host:80", "http://", "http://user@host", "http://host/path", "http://host?x=1", "http://host:0",
    "http://host:70000", "http://ho st",
  ])
  func whatIsNoAddressIsRefused(_ url: String) {
    #expect(AWSEndpoints.normalized(url) == nil)
  }

  @Test func ipv6KeepsItsBrackets() {
    #expect(AWSEndpoints.normalized("http://[::1]:5000") == "http://[::1]:5000")
  }
}
