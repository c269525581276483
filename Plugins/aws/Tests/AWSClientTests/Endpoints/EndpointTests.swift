import AWSClient
import AWSTestSupport
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

/// Whether the servers and checks that the other tests lean on deserve it.
@Suite(.enabled(if: AWSServer.isAvailable), .serialized) struct EndpointTests {
  /// boto3 uses the stand-in, and finds it as AWS documents itself.
  @Test func boto3BelievesTheStandIn() async throws {
    let server = try await AWSServer(.strict)
    let result = try await tool(
      AWSServer.python,
      [AWSServer.endpoints + "/drive_standin.py", server.url, server.keys.accessKeyId, server.keys.secretAccessKey])
    #expect(result.code == 0, "\(result.output) \(result.error)")
    #expect(result.output.hasPrefix("ok: "))
  }

  private func checked(_ entries: JSONValue) async throws -> (code: Int32, output: String, error: String) {
    let scratch = try Scratch()
    let file = try scratch.write("recording.json", String(decoding: try CanonicalJSON.encode(entries), as: UTF8.self))
    return try await tool(AWSServer.python, [AWSServer.endpoints + "/check_recording.py", file])
  }

  private static func form(_ action: String, _ rest: String) -> JSONValue {
    [
      "service": "ec2", "operation": .string(action), "method": "POST", "path": "/", "query": "", "headers": [:],
      "body": .string("Action=\(action)&Version=2016-11-15&\(rest)"), "bodyBytes": 10,
    ]
  }

  @Test func goodRequestsPassTheModels() async throws {
    let result = try await checked([
      Self.form("DescribeSnapshots", "SnapshotId.1=snap-1&Filter.1.Name=tag%3Aa&Filter.1.Value.1=b&MaxResults=5"),
      Self.form(
        "RunInstances",
        "ImageId=ami-1&MinCount=1&MaxCount=1&InstanceType=t3.small&MetadataOptions.HttpTokens=required"),
    ])
    #expect(result.code == 0, "\(result.output) \(result.error)")
  }

  private static let bad: [JSONValue] = [
    form("DescribeSnapshots", "SnapshotIds.1=snap-1"), form("DescribeSnapshots", "SnapshotId.2=snap-1"),
    form("RunInstances", "ImageId=ami-1&MinCount=1"), form("RunInstances", "MinCount=one&MaxCount=1"),
    form("RunInstances", "MinCount=1&MaxCount=1&InstanceType=t99.huge"),
    form("RunInstances", "MinCount=1&MaxCount=1&EbsOptimized=yes"), form("RunMachines", "MinCount=1"),
    form("CreateVolume", "Size=one&AvailabilityZone=us-east-1a"),
    [
      "service": "ebs", "operation": "PutSnapshotBlock", "method": "PUT", "path": "/snapshots/snap-1/blocks/7",
      "query": "", "headers": ["x-amz-data-length": "524288", "x-amz-checksum-algorithm": "SHA256"],
      "bodyBytes": 524288,
    ],
    [
      "service": "ebs", "operation": "StartSnapshot", "method": "POST", "path": "/snapshots", "query": "",
      "headers": [:], "body": "{\"VolumeSize\": 1, \"Size\": 1}", "bodyBytes": 10,
    ],
  ]

  @Test func badRequestsDoNot() async throws {
    let result = try await checked(.array(Self.bad))
    #expect(result.code == 1, "\(result.error)")
    for number in Self.bad.indices {
      #expect(result.output.split(separator: "\n").contains { $0.hasPrefix("\(number) ") }, "\(Self.bad[number])")
    }
  }
}
