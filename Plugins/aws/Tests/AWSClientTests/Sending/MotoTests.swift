import AWSTestSupport
import ConnectorHTTP
import ConnectorProtocol
import Foundation
import Testing

@testable import AWSClient

/// Every way to speak, with moto as the judge of signatures.
@Suite(.enabled(if: AWSServer.isAvailable), .serialized) struct MotoTests {
  @Test func everyServiceTakesOurSignatures() async throws {
    let server = try await AWSServer(.moto)
    let client = server.client()
    let regions = try await client.query("ec2", "DescribeRegions", version: "2016-11-15", [])
    #expect(regions.items("regionInfo").contains { $0.string("regionName") == "eu-central-1" })
    let identity = try await client.query("sts", "GetCallerIdentity", version: "2011-06-15", [])
    #expect(identity.string("GetCallerIdentityResult/Arn")?.hasSuffix("user/restorer") == true)
    let text = Data("{\"VolumeSize\": 1, \"Description\": \"ü & +\"}".utf8)
    let started = try await client.rest(
      "ebs", "POST", "/snapshots", headers: [("content-type", "application/json")], body: text)
    let id = try #require(try JSONDecoder().decode(JSONValue.self, from: started.body)["SnapshotId"]?.stringValue)
    let block = Data((0..<(512 << 10)).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    let checksum = Data(SHA256.hash(block)).base64EncodedString()
    _ = try await client.rest(
      "ebs", "PUT", "/snapshots/\(id)/blocks/3",
      headers: [
        ("x-amz-data-length", "524288"), ("x-amz-checksum", checksum), ("x-amz-checksum-algorithm", "SHA256"),
      ], body: block)
    _ = try await client.rest(
      "ebs", "POST", "/snapshots/completion/\(id)", headers: [("x-amz-changedblockscount", "1")])
    let listed = try await client.rest("ebs", "GET", "/snapshots/\(id)/blocks")
    let found = try JSONDecoder().decode(JSONValue.self, from: listed.body)["Blocks"]?.arrayValue?.first
    let token = try #require(found?["BlockToken"]?.stringValue)
    let read = try await client.rest("ebs", "GET", "/snapshots/\(id)/blocks/3", query: [("blockToken", token)])
    #expect(read.body == block)
    // boto3 reads the same disk.
    var disk = Data(count: 4 << 20)
    disk.replaceSubrange((3 * 512 << 10)..<(4 * 512 << 10), with: block)
    let seen = try await server.read("snapshot", id, "\(disk.count)")
    #expect(seen["sha256"]?.stringValue == SHA256.hex(disk))
    _ = try await client.rest("s3", "PUT", "/bucket-1")
    _ = try await client.rest("s3", "PUT", "/bucket-1/a/b c.raw", body: Data("text".utf8))
    #expect(try await client.rest("s3", "GET", "/bucket-1/a/b c.raw").body == Data("text".utf8))
    #expect(try await server.read("object", "bucket-1", "a/b c.raw")["bytes"]?.integerValue == 4)
    #expect(client.clockOffset.map { abs($0.components.seconds) < 60 } == true)
    try await server.checkRequests()
  }

  @Test func wrongKeysAreRefused() async throws {
    let server = try await AWSServer(.moto)
    for (id, secret) in [(server.keys.accessKeyId, "wrong"), ("AKIAUNKNOWN", "wrong")] {
      let client = AWSClient(
        credentials: FixedCredentials(keys: AWSCredentials(accessKeyId: id, secretAccessKey: secret)),
        endpoints: server.serverEndpoints, options: AWSClientOptions(proxy: .none))
      let error = await #expect(throws: AWSError.self) {
        try await client.query("ec2", "DescribeRegions", version: "2016-11-15", [])
      }
      #expect(error?.status == 401 && error?.isRetryable == false)
    }
  }
}
